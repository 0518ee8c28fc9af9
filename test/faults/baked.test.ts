/**
 * Every call of a baked file is broken in turn, in the file's own bytes: those
 * of the launch, of the starter, and of the frame, the supervisor with them.
 */

import { expect } from "bun:test";
import { rule } from "../harness/needs.ts";
import { breakStep } from "./break.ts";
import { makeBakedSubject } from "./baked.ts";
import { leavesNothing } from "./host-state.ts";
import { KIND_NAMES, makeKind } from "./kinds.ts";
import type { KindName } from "./kinds.ts";
import { choose, leastClosed, SOAK } from "./soak.ts";
import { FRAME_TOLERATED } from "./tolerated-frame.table.ts";
import { toleranceOf } from "./tolerated.table.ts";
import type { Tolerated } from "./tolerated.table.ts";

const STRIDE = 11;
const USUAL: readonly KindName[] = ["run", "--init"];
const used = new Set<Tolerated>();

for (const name of SOAK ? KIND_NAMES : USUAL)
  rule(
    `baked: ${name}: whatever step fails, there is no weaker instance`,
    ["root"],
    () =>
      leavesNothing(async () => {
        const subject = await makeBakedSubject(await makeKind(name));
        const chosen = choose(subject.steps, STRIDE);
        const counts = {
          steps: subject.steps.length,
          broken: chosen.length,
          closed: 0,
          "cut short": 0,
          tolerated: 0,
          "not reached": 0,
        };
        const breaches: string[] = [];
        for (const { mustSucceed, text } of subject.steps) {
          const tolerance = mustSucceed ? null : toleranceOf(text);
          if (tolerance === undefined)
            breaches.push(`${text}: tolerated without a reason`);
          if (tolerance) used.add(tolerance);
        }
        for (const step of chosen) {
          const { count, why } = await breakStep(subject, step);
          counts[count] += 1;
          if (why !== null)
            breaches.push(
              `${step.program} ${step.number} ${step.text} (${step.part}): ${why}`,
            );
        }
        console.log(`  baked: ${name}: ${JSON.stringify(counts)}`);
        expect(breaches).toEqual([]);
        const least = leastClosed(chosen.length);
        expect(counts.closed).toBeGreaterThanOrEqual(least);
      }),
  );

rule("every tolerance of the frame is some step's", ["root"], () => {
  expect(FRAME_TOLERATED.filter((each) => !used.has(each))).toEqual([]);
  return Promise.resolve();
});
