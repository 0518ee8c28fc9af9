/**
 * `selfdock batch`: reads commands as they come, and runs each in an instance of
 * its own, so many at a time, in one process that waits for everything at once.
 *
 * Security model: rootless, so without any privilege from the first step on. The
 * input is the caller's own; what a command gets beyond what `run` would give it
 * is a file for its standard input, never a directory: that would be a way out.
 */

import { AT_FDCWD } from "../../../syscalls/constants/open.table.ts";
import type { BatchRequest } from "../../plan/batch/batch-request.ts";
import type { Bytes } from "../../plan/bytes.ts";
import { SelfdockError } from "../../plan/error.ts";
import { usesDirectory } from "../../plan/place-of.ts";
import { HANDOVER } from "../../stage0/handover.ts";
import { readKeptState } from "../many/kept-state.ts";
import { makeLauncher } from "../many/make-launcher.ts";
import { probeFacts } from "../probe-facts.ts";
import type { Handover } from "../read-handover.ts";
import { BatchInput } from "./batch-input.ts";
import { BatchLoop } from "./batch-loop.ts";
import type { BatchEnd } from "./batch-loop.ts";
import type { Reporter } from "./batch-result.ts";
import { concurrencyOf } from "./concurrency.ts";
import { openDirectory, openNothing } from "./descriptor-calls.ts";
import { CommandStarter } from "./start-command.ts";

/** Runs all of it. Throws a SelfdockError where it cannot go on. */
export function runBatch(
  batch: BatchRequest,
  handover: Handover,
  reporter: Reporter,
): BatchEnd {
  const facts = probeFacts(batch.request, handover);
  const kept = readKeptState();
  const here = directoryOf(kept);
  if (here < 0 && usesDirectory(batch.request))
    throw new SelfdockError(
      "launch",
      "Cannot prepare the launches: your directory: permission denied",
    );
  const directory = here < 0 ? openDirectory(AT_FDCWD, "/" as Bytes) : here;
  const input = new BatchInput(batch, here);
  const concurrency = concurrencyOf(batch);
  const { most, ahead } = concurrency;
  const launcher = makeLauncher(batch.request, facts, kept, {
    name: batch.name,
    turns: ahead === 0 ? null : most,
    overlaps: most > 1,
  });
  try {
    const around = { launcher, directory, here, nothing: openNothing() };
    const starter = new CommandStarter(batch, handover, around);
    const means = { input, starter, launcher, reporter };
    return new BatchLoop(batch, means, concurrency).run();
  } finally {
    launcher.free();
  }
}

/** Negative if it cannot be entered. */
function directoryOf(kept: Uint8Array): number {
  const { offset } = HANDOVER.fields.directory;
  return Number(new DataView(kept.buffer).getBigInt64(offset, true));
}
