/** One launch with one step broken, and what may come of it. */

import { runOutside, type Result } from "../harness/run.ts";
import { reporting, takeMark, type Kind } from "./kinds.ts";
import { withoutAsides } from "./as-root.ts";
import { judge, type Outcome } from "./outcome.ts";
import { BREAK_VARIABLE, renderBreak } from "./seam/break.ts";
import type { Break } from "./seam/break.ts";
import { parseCallSteps, type CallStep } from "./steps.ts";
import { toleranceOf } from "./tolerated.table.ts";
import { newLogin, type ModeName } from "./logins.ts";
import { patchedProgram } from "./patched.ts";
import { variants } from "./variant.ts";

/** A kind of launch in a mode, and an instance of it in which nothing was broken. */
export interface Subject {
  readonly kind: Kind;
  readonly steps: readonly CallStep[];
  readonly whole: string;
  run(broken: Break): Promise<Result>;
}

export async function makeSubject(
  kind: Kind,
  mode: ModeName,
  user = newLogin(mode),
): Promise<Subject> {
  const { program, breaking, steps } = kind.planned
    ? { program: (await variants())[mode], breaking: null, steps: null }
    : patchedProgram(kind, mode);
  const { cwd, open } = kind;
  const login = { ...user, cwd, open, before: kind.host(user) };
  const args = [...kind.args, ...reporting(kind.room)];
  const whole = await runOutside([program, ...args], login);
  const quiet = withoutAsides(whole.stderr) === "";
  if (whole.status !== 0 || !quiet || !takeMark(kind.room))
    throw new Error(`The unbroken ${kind.name} fails: ${whole.stderr}`);
  return {
    kind,
    steps:
      steps ??
      parseCallSteps(
        (await runOutside([program, "--dry-run=steps", ...args], login)).stdout,
      ),
    whole: whole.stdout,
    run: (broken) => {
      if (breaking !== null)
        return breaking(broken, () => runOutside([program, ...args], login));
      const env = { [BREAK_VARIABLE]: renderBreak(broken) };
      return runOutside([program, ...args], { ...login, env });
    },
  };
}

/** What became of the launch, or a `why` if that must not be. */
export interface Verdict {
  readonly count: "closed" | "cut short" | "tolerated" | "not reached";
  readonly why: string | null;
}

export async function breakStep(
  subject: Subject,
  step: CallStep,
): Promise<Verdict> {
  const { program, number } = step;
  const result = await subject.run({ how: "fail", program, number });
  const outcome = judge(result, subject.kind, subject.whole);
  if (outcome.end === "closed")
    return { count: "closed", why: judgeMessage(outcome.message, step) };
  if (outcome.end === "cut short" && isBehindStart(step))
    return { count: "cut short", why: null };
  if (outcome.end === "breach") return { count: "tolerated", why: outcome.why };
  if (!(await isReached(subject, step)))
    return { count: "not reached", why: null };
  return { count: "tolerated", why: judgeTolerance(outcome, step) };
}

async function isReached(
  subject: Subject,
  { program, number }: CallStep,
): Promise<boolean> {
  const { stdout } = await subject.run({ how: "reach", program, number });
  return !takeMark(subject.kind.room) || stdout !== subject.whole;
}

/** Steps of the launcher and the starter with which the command may have begun: it is ended again. */
function isBehindStart({ program, part }: CallStep): boolean {
  return program !== "launch" || part === "go on in the launcher";
}

/** A step that must succeed is named by number, call and errno; so is the object, in quotes or words. */
function judgeMessage(message: string, step: CallStep): string | null {
  if (!step.mustSucceed || step.part === "go on in the launcher") return null;
  const whose = step.program === "starter" ? "starter's step" : "step";
  const named = message.endsWith(
    ` (${whose} ${step.number}, ${step.call}: ENOSYS)`,
  );
  // The frame of a baked file speaks as stage 0 does: of what it was about.
  const inFrame = step.program === "frame" && message.startsWith("Cannot ");
  const inLoop = message.endsWith(`: ${step.call} failed in the init`);
  // The launcher knows of its helper what newuidmap's caller would: its status.
  const inHelper =
    step.part.startsWith("map the caller's subordinate") &&
    / \(step \d+, fail: EPERM\)$/.test(message);
  return named || inFrame || inLoop || inHelper
    ? null
    : `the message names another step: ${message}`;
}

function judgeTolerance(outcome: Outcome, step: CallStep): string | null {
  if (step.mustSucceed) return `it went on: ${JSON.stringify(outcome)}`;
  const row = toleranceOf(step.text);
  if (row === undefined) return "its failure is tolerated without a reason";
  if (outcome.end === "cut short") return `it began: ${outcome.message}`;
  if (outcome.end !== "changed") return null;
  const other = outcome.lines.filter((line) => !row.changes?.test(line));
  return other.length === 0 ? null : `a weaker instance: ${other.join("; ")}`;
}
