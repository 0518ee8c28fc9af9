/**
 * Every call of the Program is broken in turn, in each kind of launch and each
 * mode: by the seam, so that nothing but the one step fails. In a plain run every
 * seventh, from where the seed says.
 */

import { afterAll, expect } from "bun:test";
import type { ModeName } from "../harness/modes.ts";
import { rule } from "../harness/needs.ts";
import { breakStep, makeSubject, type Verdict } from "./break.ts";
import { leavesNothing } from "./host-state.ts";
import { KIND_NAMES, makeKind, type KindName } from "./kinds.ts";
import { choose } from "./soak.ts";
import { printTable } from "./table.ts";

const STRIDE = 7;
const MODES: readonly ModeName[] = ["rootless", "setuid"];

type Row = Record<Verdict["count"] | "broken", number>;
const rows: (readonly [name: string, row: Row])[] = [];

async function breakSome(
  name: KindName,
  mode: ModeName,
): Promise<readonly string[]> {
  const subject = await makeSubject(await makeKind(name), mode);
  const chosen = choose(subject.steps, STRIDE);
  const row = {
    broken: chosen.length,
    closed: 0,
    tolerated: 0,
    "not reached": 0,
  };
  const breaches: string[] = [];
  for (const step of chosen) {
    const { count, why } = await breakStep(subject, step);
    row[count] += 1;
    if (why !== null)
      breaches.push(
        `${step.program} ${step.number} ${step.text} (${step.part}): ${why}`,
      );
  }
  rows.push([`${name}, ${mode}`, row]);
  return breaches;
}

for (const mode of MODES) {
  for (const name of KIND_NAMES) {
    rule(
      `${mode}: ${name}: whatever step fails, there is no weaker instance`,
      ["root"],
      () =>
        leavesNothing(async () =>
          expect(await breakSome(name, mode)).toEqual([]),
        ),
    );
  }
}

afterAll(() => printTable("steps broken by the seam", rows));
