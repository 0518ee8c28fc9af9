/** One launch with one step broken, and what may come of it. */

import type { ModeName } from "../harness/modes.ts";
import { runOutside, type Result } from "../harness/run.ts";
import { reporting, takeMark, type Kind } from "./kinds.ts";
import { judge, type Outcome } from "./outcome.ts";
import { BREAK_VARIABLE, renderBreak } from "./seam/break.ts";
import type { Break } from "./seam/break.ts";
import { parseCallSteps, type CallStep } from "./steps.ts";
import { TOLERATED } from "./tolerated.table.ts";
import { newUser } from "./users.ts";
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
): Promise<Subject> {
  const program = (await variants())[mode];
  const user = newUser();
  const args = [...kind.args, ...reporting(kind.room)];
  const print = await runOutside([program, "--dry-run", ...args], { user });
  const whole = await runOutside([program, ...args], { user });
  if (whole.status !== 0 || whole.stderr !== "" || !takeMark(kind.room))
    throw new Error(`The unbroken ${kind.name} fails: ${whole.stderr}`);
  return {
    kind,
    steps: parseCallSteps(print.stdout),
    whole: whole.stdout,
    run: (broken) => {
      const env = { [BREAK_VARIABLE]: renderBreak(broken) };
      return runOutside([program, ...args], { user, env });
    },
  };
}

/** What became of the launch, or a `why` if that must not be. */
export interface Verdict {
  readonly count: "closed" | "tolerated" | "not reached";
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

/** A step that must succeed is named by number, call and errno; so is the object, in quotes or words. */
function judgeMessage(message: string, step: CallStep): string | null {
  if (!step.mustSucceed || step.program === "init") return null;
  const named = message.endsWith(
    ` (step ${step.number}, ${step.call}: ENOSYS)`,
  );
  return named ? null : `the message names another step: ${message}`;
}

function judgeTolerance(outcome: Outcome, step: CallStep): string | null {
  if (step.mustSucceed) return `it went on: ${JSON.stringify(outcome)}`;
  const row = TOLERATED.find((each) => each.step.test(step.text));
  if (row === undefined) return "its failure is tolerated without a reason";
  if (outcome.end !== "changed") return null;
  const other = outcome.lines.filter((line) => !row.changes?.test(line));
  return other.length === 0 ? null : `a weaker instance: ${other.join("; ")}`;
}
