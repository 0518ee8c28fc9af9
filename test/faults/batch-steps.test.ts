/**
 * Every call that `batch` makes for an instance is broken in turn: in the start
 * of a spawner, in the spawner, in the launch that it plays, in the starter. No
 * instance is weaker for it, no line is told as done that was not, and nothing
 * is left or hangs. In a plain run every eleventh, from where the seed says.
 */

import { expect } from "bun:test";
import { plainProgram } from "../harness/program.ts";
import { parseBatch } from "../../src/commands/parse-batch.ts";
import { planInstance } from "../../src/plan/plan-instance.ts";
import { planSpawner } from "../../src/plan/spawner/plan-spawner.ts";
import { planSpawnerStart } from "../../src/plan/spawner/plan-spawner-start.ts";
import { planStarter } from "../../src/plan/starter/starter-executable.ts";
import type { Program } from "../../syscalls/program.ts";
import { renderStep } from "../../syscalls/render.ts";
import { rule } from "../harness/needs.ts";
import { runOutside } from "../harness/run.ts";
import { factsOf } from "../unit/plan/samples.ts";
import { leavesNothing } from "./host-state.ts";
import { makeKind, reporting, takeMark } from "./kinds.ts";
import type { Kind } from "./kinds.ts";
import { newLogin } from "./logins.ts";
import { difference } from "./outcome.ts";
import {
  BREAK_VARIABLE,
  renderBreak,
  type BatchProgramName,
} from "./seam/break.ts";
import { choose, leastClosed } from "./soak.ts";
import { toleranceOf } from "./tolerated.table.ts";
import { variants } from "./variant.ts";

const STRIDE = 11;
const FAILED = 123;
const CANNOT = 124;

interface CallStep {
  readonly program: BatchProgramName;
  readonly number: number;
  readonly call: string;
  /** As it is printed, without its number. */
  readonly text: string;
}

function callsOf(
  program: BatchProgramName,
  { steps }: Program,
): readonly CallStep[] {
  return steps.flatMap((step, number) =>
    step.isCall && step.operation !== "exit_group"
      ? [{ program, number, call: step.operation, text: renderStep(step) }]
      : [],
  );
}

/** The calls of those parts that concern turns. */
function partsOf(
  name: BatchProgramName,
  program: Program,
): readonly CallStep[] {
  return callsOf(name, program).filter(({ number }) =>
    OVERLAPPING.test(program.steps[number]!.part.action),
  );
}

/** All of them, numbered as in the variant. */
function allCalls({ args }: Kind): readonly CallStep[] {
  const [, source, target] = args;
  const mount = { kind: "vol", source, target } as never;
  const { request } = parseBatch([{ option: "vol", mount }], []);
  const facts = { ...factsOf("rootless", { commandIndex: 0 }), spawned: true };
  const launch = planInstance(request, facts);
  return [
    ...callsOf(
      "spawner's start",
      planSpawnerStart({ file: 0, plan: 0, turns: null, name: null }).program,
    ),
    ...callsOf("spawner", planSpawner()),
    ...callsOf("launch", launch.program),
    ...callsOf("starter", planStarter(launch.starter)),
  ];
}

/** What must not be, or null, where a whole instance reports as `whole`; and how it came out. */
function judge(
  { kind, step, whole }: { kind: Kind; step: CallStep; whole: string },
  { status, stdout, stderr, signal }: Awaited<ReturnType<typeof runOutside>>,
): { end: "closed" | "cut short" | "whole"; why: string | null } {
  const ran = takeMark(kind.room);
  const told = /^selfdock: (line 1: )?Cannot /m.test(stderr);
  const failed = (status === FAILED || status === CANNOT) && signal === null;
  if (!ran) {
    const fine = failed && told && stdout === "";
    return {
      end: "closed",
      why: fine ? null : `${status ?? signal}: ${stderr}`,
    };
  }
  const changes = toleranceOf(step.text)?.changes;
  const other = difference(whole, stdout).filter(
    (line) => changes?.test(line) !== true,
  );
  if (status === 0 && other.length === 0) return { end: "whole", why: null };
  // It had begun, and was ended: what it has written until then is as it should be.
  if (failed && told && whole.startsWith(stdout))
    return { end: "cut short", why: null };
  return { end: "whole", why: `${status}: ${other.join("; ")}: ${stderr}` };
}

/** The parts of the Programs that wait for a turn, and what else is done where instances overlap. */
const OVERLAPPING =
  /^(keep what tells of a turn|wait for a turn|give the turn back|watch the instance|say that all has ended)$/;
const LINES = 24;

rule(
  "batch: whatever step of a turn fails, every line has run or is told",
  ["root"],
  () =>
    leavesNothing(async () => {
      const { rootless } = await variants();
      const login = { ...newLogin("rootless"), cwd: "/", timeout: 20 };
      const launch = planInstance(parseBatch([], []).request, {
        ...factsOf("rootless", { commandIndex: 0 }),
        spawned: true,
      });
      const steps = [
        ...partsOf("spawner", planSpawner()),
        ...partsOf("launch", launch.program),
      ];
      const breaches: string[] = [];
      for (const step of steps) {
        const broken = renderBreak({ how: "fail", ...step });
        const { status, signal, stdout, stderr } = await runOutside(
          [rootless, "batch", "-j", "2"],
          {
            ...login,
            env: { [BREAK_VARIABLE]: broken },
            stdin: "echo it\n".repeat(LINES),
          },
        );
        const [ran, told] = [
          stdout.match(/^it$/gm)?.length ?? 0,
          stderr.match(/^selfdock: line \d+: Cannot /gm)?.length ?? 0,
        ];
        // Of some it cannot be told how they ended, though they ran.
        const whole = ran <= LINES && told <= LINES && ran + told >= LINES;
        const fine =
          (status === 0 && ran === LINES) ||
          (status === FAILED && whole && told > 0) ||
          (status === CANNOT && /^selfdock: Cannot /m.test(stderr));
        if (!fine)
          breaches.push(
            `${step.program} ${step.number} ${step.call}: ${status ?? signal}, ${ran} ran, ${told} told: ${stderr}`,
          );
      }
      expect(steps.length).toBeGreaterThan(10);
      expect(breaches).toEqual([]);
    }),
);

rule(
  "batch: whatever step fails, there is no weaker instance, and it is told",
  ["root"],
  () =>
    leavesNothing(async () => {
      const { rootless } = await variants();
      const kind = await makeKind("run");
      const login = { ...newLogin("rootless"), cwd: "/", timeout: 20 };
      const line = reporting(kind.room)
        .map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
        .join(" ");
      const options = kind.args.filter((word) => word !== "run");
      const words = [...options, "batch", "-0", "-j", "1"];
      const run = (program: string, env = {}) =>
        runOutside([program, ...words], { ...login, env, stdin: `${line}\0` });
      const whole = await run(plainProgram());
      expect(whole.status).toBe(0);
      expect(takeMark(kind.room)).toBe(true);
      const row = { closed: 0, "cut short": 0, whole: 0 };
      const breaches: string[] = [];
      const calls = allCalls(kind);
      const chosen = choose(calls, STRIDE);
      for (const step of chosen) {
        const broken = renderBreak({ how: "fail", ...step });
        const say = (why: string) =>
          breaches.push(`${step.program} ${step.number} ${step.call}: ${why}`);
        try {
          const result = await run(rootless, { [BREAK_VARIABLE]: broken });
          const { end, why } = judge(
            { kind, step, whole: whole.stdout },
            result,
          );
          row[end] += 1;
          if (why !== null) say(why);
        } catch (error) {
          say(String(error));
        }
      }
      console.log(
        `batch: ${calls.length} calls, ${chosen.length} broken: ${row.closed} closed, ${row["cut short"]} cut short, ${row.whole} whole`,
      );
      expect(breaches).toEqual([]);
      expect(row.closed).toBeGreaterThanOrEqual(leastClosed(chosen.length));
    }),
);
