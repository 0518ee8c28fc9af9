/** The seam is in the variant that breaks steps, and in nothing else. */

import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { plainProgram } from "../harness/program.ts";
import { rule } from "../harness/needs.ts";
import { runOutside } from "../harness/run.ts";
import { BREAK_VARIABLE, renderBreak } from "./seam/break.ts";
import { variants } from "./variant.ts";

const env = {
  [BREAK_VARIABLE]: renderBreak({ how: "fail", program: "launch", number: 0 }),
};

rule("the shipped program has no seam, the variant has", ["root"], async () => {
  const { rootless } = await variants();
  const holds = (path: string) => readFileSync(path).includes(BREAK_VARIABLE);
  expect([holds(plainProgram()), holds(rootless)]).toEqual([false, true]);
});

rule(
  "the seam's variable means nothing to the shipped program",
  ["root"],
  async () => {
    const result = await runOutside(
      [plainProgram(), "run", "printenv", BREAK_VARIABLE],
      { env },
    );
    expect(result).toMatchObject({
      status: 0,
      stdout: `${env[BREAK_VARIABLE]}\n`,
      stderr: "",
    });
  },
);
