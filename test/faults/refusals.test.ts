/**
 * The shipped program in its real mode, on a host whose kernel refuses one kind
 * of call: by a filter of root's, without no_new_privs.
 */

import { afterAll, expect } from "bun:test";
import type { ModeName } from "../harness/modes.ts";
import { rule } from "../harness/needs.ts";
import { plainProgram, setuidProgram } from "../harness/program.ts";
import { runOutside } from "../harness/run.ts";
import { leavesNothing } from "./host-state.ts";
import {
  KIND_NAMES,
  makeKind,
  reporting,
  type Kind,
  type KindName,
} from "./kinds.ts";
import { judge, type Outcome } from "./outcome.ts";
import { faultProgram } from "./programs.ts";
import { REFUSALS, renderRefusal, type Refusal } from "./refusals.table.ts";
import { choose } from "./soak.ts";
import { printTable } from "./table.ts";
import { TOLERATED } from "./tolerated.table.ts";
import { newUser } from "./users.ts";

const MODES: readonly ModeName[] = ["rootless", "setuid"];
const STRIDE = 2;
const rows: (readonly [string, Record<string, number>])[] = [];
const closedOnce = new Set<string>();

interface Host {
  readonly kind: Kind;
  readonly whole: string;
  readonly user: number;
  readonly program: string;
}

async function makeHost(name: KindName, mode: ModeName): Promise<Host> {
  const kind = await makeKind(name);
  const program = mode === "setuid" ? setuidProgram() : plainProgram();
  const host: Host = { kind, whole: "", user: newUser(), program };
  const { result } = await runRefused(host, []);
  expect(result).toMatchObject({ status: 0, stderr: "" });
  return { ...host, whole: result.stdout };
}

async function runRefused(
  { kind, user, program, whole }: Host,
  rules: readonly string[],
) {
  const command = [program, ...kind.args, ...reporting(kind.room)];
  const words = [
    faultProgram("refuse"),
    String(user),
    ...rules,
    "--",
    ...command,
  ];
  const result = await runOutside(words, { user: 0 });
  return { result, outcome: judge(result, kind, whole) };
}

/** Why the outcome must not be; null if it may. */
function judgeRefused(
  { call, outside }: Refusal,
  outcome: Outcome,
): string | null {
  switch (outcome.end) {
    case "whole":
      return null;
    case "closed": {
      const named = outcome.message.includes(`, ${call}: `);
      const fine =
        named ||
        outside === true ||
        outcome.message.startsWith("Cannot execute");
      return fine ? null : `the message names another call: ${outcome.message}`;
    }
    case "changed": {
      const allowed = TOLERATED.flatMap(({ step, changes }) =>
        changes !== undefined && step.source.includes(call) ? [changes] : [],
      );
      const other = outcome.lines.filter(
        (line) => !allowed.some((each) => each.test(line)),
      );
      return other.length === 0
        ? null
        : `a weaker instance: ${other.join("; ")}`;
    }
    case "breach":
      return outcome.why;
  }
}

async function refuseSome(
  name: KindName,
  mode: ModeName,
): Promise<readonly string[]> {
  const host = await makeHost(name, mode);
  const row = { refused: 0, closed: 0, "whole or tolerated": 0 };
  const breaches: string[] = [];
  for (const refusal of choose(REFUSALS, STRIDE)) {
    const { outcome } = await runRefused(host, [
      renderRefusal(refusal, host.user),
    ]);
    row.refused += 1;
    row[outcome.end === "closed" ? "closed" : "whole or tolerated"] += 1;
    if (outcome.end === "closed") closedOnce.add(refusal.name);
    const why = judgeRefused(refusal, outcome);
    if (why !== null) breaches.push(`${refusal.name}: ${why}`);
  }
  rows.push([`${name}, ${mode}`, row]);
  return breaches;
}

for (const mode of MODES) {
  for (const name of KIND_NAMES) {
    rule(
      `${mode}: ${name}: whatever call the kernel refuses, there is no weaker instance`,
      ["root"],
      () =>
        leavesNothing(async () =>
          expect(await refuseSome(name, mode)).toEqual([]),
        ),
    );
  }
}

rule("every refusal has closed some launch", ["root"], () => {
  const never = choose(REFUSALS, STRIDE).flatMap(({ name, needless }) =>
    needless === true || closedOnce.has(name) ? [] : [name],
  );
  expect(never).toEqual([]);
  return Promise.resolve();
});

afterAll(() => printTable("calls refused by a filter", rows));
