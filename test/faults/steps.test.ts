/**
 * Every call of the Program is broken in turn, in each kind of launch and each
 * mode: by the seam, so that nothing but the one step fails. In a plain run every
 * thirteenth, from where the seed says.
 */

import { expect } from "bun:test";
import { rule } from "../harness/needs.ts";
import { breakStep, makeSubject } from "./break.ts";
import { forEachLaunch } from "./launches.ts";
import { choose, leastClosed } from "./soak.ts";
import { variants } from "./variant.ts";
import { toleranceOf, TOLERATED, type Tolerated } from "./tolerated.table.ts";

const STRIDE = 13;
/** Of an entry, which has fewer. */
const ENTRY_STRIDE = 5;
const used = new Set<Tolerated>();

forEachLaunch(
  {
    title: "whatever step fails, there is no weaker instance",
    table: "steps broken by the seam",
    entering: async (mode) => (await variants())[mode],
  },
  async (kind, mode, login) => {
    const subject = await makeSubject(kind, mode, login);
    const chosen = choose(
      subject.steps,
      login === undefined ? STRIDE : ENTRY_STRIDE,
    );
    const row = {
      steps: subject.steps.length,
      broken: chosen.length,
      closed: 0,
      "cut short": 0,
      tolerated: 0,
      "not reached": 0,
    };
    const breaches: string[] = [];
    for (const step of subject.steps) {
      const tolerance = step.mustSucceed ? null : toleranceOf(step.text);
      if (tolerance === undefined)
        breaches.push(`${step.text}: tolerated without a reason`);
      if (tolerance) used.add(tolerance);
    }
    for (const step of chosen) {
      const { count, why } = await breakStep(subject, step);
      row[count] += 1;
      if (why !== null)
        breaches.push(
          `${step.program} ${step.number} ${step.text} (${step.part}): ${why}`,
        );
    }
    if (row.closed < leastClosed(chosen.length))
      breaches.push(`only ${row.closed} of ${chosen.length} closed it`);
    return { row, breaches };
  },
);

rule("every tolerance is some step's", ["root"], () => {
  expect(TOLERATED.filter((each) => !used.has(each))).toEqual([]);
  return Promise.resolve();
});
