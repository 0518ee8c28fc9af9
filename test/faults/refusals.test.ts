/**
 * The shipped program in its real mode, on a host whose kernel refuses one kind
 * of call: by a filter of root's, without no_new_privs.
 */

import { expect } from "bun:test";
import { rule } from "../harness/needs.ts";
import { runOutside } from "../harness/run.ts";
import { withoutAsides } from "./as-root.ts";
import { reporting, type Kind } from "./kinds.ts";
import { forEachLaunch } from "./launches.ts";
import { newLogin, programOf, type Login, type ModeName } from "./logins.ts";
import { judge, type Outcome } from "./outcome.ts";
import { faultProgram } from "./programs.ts";
import { REFUSALS, renderRefusal, type Refusal } from "./refusals.table.ts";
import { choose } from "./soak.ts";
import { TOLERATED } from "./tolerated.table.ts";

const STRIDE = 3;
const closedOnce = new Set<string>();

interface Host {
  readonly kind: Kind;
  readonly whole: string;
  readonly login: Login;
  readonly before: readonly string[];
  readonly program: string;
}

async function makeHost(
  kind: Kind,
  mode: ModeName,
  login = newLogin(mode),
): Promise<Host> {
  const [before, program] = [kind.host(login), programOf(mode)];
  const host: Host = { kind, whole: "", login, before, program };
  const { result } = await runRefused(host, []);
  expect(withoutAsides(result.stderr)).toBe("");
  expect(result.status).toBe(0);
  return { ...host, whole: result.stdout };
}

async function runRefused(
  { kind, login, before, program, whole }: Host,
  rules: readonly string[],
) {
  const ids = [login.user, login.group].map(String);
  const command = [program, ...kind.args, ...reporting(kind.room)];
  const words = [faultProgram("refuse"), ...ids, ...rules, "--", ...command];
  const result = await runOutside(words, {
    user: 0,
    cwd: kind.cwd,
    open: kind.open,
    before,
  });
  return { result, outcome: judge(result, kind, whole) };
}

const COUNT = {
  closed: "closed",
  "cut short": "cut short",
  changed: "tolerated",
  breach: "tolerated",
  whole: "not made",
} as const;

/** Why the outcome must not be; null if it may. */
function judgeRefused(
  { call, outside }: Refusal,
  outcome: Outcome,
): string | null {
  switch (outcome.end) {
    case "whole":
      return null;
    case "cut short":
      return outside === true ? null : `it began: ${outcome.message}`;
    case "closed": {
      // A check of the Program's own may have found it.
      const named = [call, "fail"].some((step) =>
        outcome.message.includes(`, ${step}: `),
      );
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

forEachLaunch(
  {
    title: "whatever call the kernel refuses, there is no weaker instance",
    table: "calls refused by a filter",
    entering: (mode) => Promise.resolve(programOf(mode)),
  },
  async (kind, mode, login) => {
    const host = await makeHost(kind, mode, login);
    const row = {
      refused: 0,
      closed: 0,
      "cut short": 0,
      tolerated: 0,
      "not made": 0,
    };
    const breaches: string[] = [];
    for (const refusal of choose(REFUSALS, STRIDE)) {
      const rules = [renderRefusal(refusal, host.login.user)];
      const { outcome } = await runRefused(host, rules);
      row.refused += 1;
      row[COUNT[outcome.end]] += 1;
      if (outcome.end === "closed") closedOnce.add(refusal.name);
      const why = judgeRefused(refusal, outcome);
      if (why !== null) breaches.push(`${refusal.name}: ${why}`);
    }
    return { row, breaches };
  },
);

rule("every refusal has closed some launch", ["root"], () => {
  const never = choose(REFUSALS, STRIDE).flatMap(({ name, needless }) =>
    needless === true || closedOnce.has(name) ? [] : [name],
  );
  expect(never).toEqual([]);
  return Promise.resolve();
});
