/** `batch`: how its results are told. Loaded only then. */

import { isatty } from "node:tty";
import { dieOf } from "../launch/die-of.ts";
import type {
  BatchResult,
  Reporter,
  Standing,
} from "../launch/batch/batch-result.ts";
import { runBatch } from "../launch/batch/run-batch.ts";
import { giveUpSavedRoot } from "../launch/give-up-root.ts";
import { probeSubordinateIds } from "../launch/probe-subordinate-ids.ts";
import type { Handover } from "../launch/read-handover.ts";
import type { BatchRequest } from "../plan/batch/batch-request.ts";
import { signalName } from "../plan/signal-name.ts";
import { renderError, renderLine } from "./messages.ts";
import { warnOneId } from "./report.ts";

/** Some command has failed, as xargs has it. */
const FAILURES = 123;

/** Runs it; its exit status. Security: a saved root is given up before anything else. */
export function performBatch(batch: BatchRequest, handover: Handover): number {
  giveUpSavedRoot(handover);
  warnOfIds(batch, handover);
  const { failures, signal } = runBatch(batch, handover, {
    ended: (result) => ({
      output: batch.json ? renderJson(result) : "",
      message: renderMessage(result),
    }),
    progress: isatty(2) && !isTyped(batch) ? renderProgress : null,
    summary: renderSummary,
  } satisfies Reporter);
  if (signal !== null) dieOf(signal);
  return failures === 0 ? 0 : FAILURES;
}

/** As run does, once for all. */
function warnOfIds({ request }: BatchRequest, handover: Handover): void {
  const ids = request.asRoot ? probeSubordinateIds(handover) : null;
  if (ids !== null && "missing" in ids)
    warnOneId(ids.missing, handover.environment);
}

/** Whether somebody types the commands, whose line nothing may write over. */
function isTyped({ file }: BatchRequest): boolean {
  return file === null && isatty(0);
}

const THOUSAND = 1000;

function round(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value * THOUSAND) / THOUSAND;
}

/** Of one result: numbers are rounded to what they mean. */
function renderJson({ line, ending, error, late }: BatchResult): string {
  const signal = ending?.signal ?? null;
  return `${JSON.stringify({
    line,
    status: ending?.status ?? null,
    signal: signal === null ? null : signalName(signal),
    error: error?.message ?? null,
    timedOut: late,
    launchMs: round(ending?.launch),
    timeMs: round(ending?.time),
    userMs: round(ending?.user),
    systemMs: round(ending?.system),
    peakBytes: ending?.peak ?? null,
  })}\n`;
}

/** For a person: nothing of what has ended well. */
function renderMessage({ line, ending, error, late }: BatchResult): string {
  const write = (text: string) =>
    renderLine({ kind: "error", text: `line ${line}: ${text}` }, false);
  if (late) return write("it took too long, and was killed");
  if (error !== null)
    return renderError(error)
      .map(({ kind, text }) =>
        kind === "error" ? write(text) : renderLine({ kind, text }, false),
      )
      .join("");
  const { status = null, signal = null } = ending ?? {};
  if (signal !== null) return write(`killed by SIG${signalName(signal)}`);
  return status === 0 ? "" : write(`exit status ${status}`);
}

function rateOf({ tally, time }: Standing): string {
  return `${((tally.count / Math.max(time, 1)) * THOUSAND).toFixed(0)}/s`;
}

function renderProgress(standing: Standing): string {
  const { tally, running } = standing;
  return `selfdock: ${tally.count} done, ${tally.failures} failed, ${running} running, ${rateOf(standing)}`;
}

/** Milliseconds as a person reads them, to two digits. */
function renderTime(time: number): string {
  if (time >= 10 * THOUSAND) return `${(time / THOUSAND).toFixed(0)} s`;
  if (time >= THOUSAND) return `${(time / THOUSAND).toFixed(1)} s`;
  return `${time.toFixed(time < 10 ? 1 : 0)} ms`;
}

function renderSummary(standing: Standing): string {
  const { tally } = standing;
  const times = ([50, 99] as const).flatMap((percent) => {
    const time = tally.quantile(percent / 100);
    return time === null ? [] : [`p${percent} ${renderTime(time)}`];
  });
  const commands = tally.count === 1 ? "1 command" : `${tally.count} commands`;
  const parts = [
    commands,
    `${tally.failures} failed`,
    rateOf(standing),
    ...times,
  ];
  return `selfdock: ${parts.join(", ")}\n`;
}
