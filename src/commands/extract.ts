/**
 * The extractor's command line: what the importer asks of this program within
 * its instance. Its standard output is the config's file, or the list.
 */

import { isatty } from "node:tty";
import type { Handover } from "../launch/read-handover.ts";
import { giveUpSavedRoot } from "../launch/give-up-root.ts";
import { unblockSignals } from "../launch/image/run-instance.ts";
import {
  emptyTarget,
  listArchive,
  unpackArchive,
} from "../launch/image/unpack-archive.ts";
import { failureText } from "../launch/image/failure-text.ts";
import type { Losses } from "../launch/image/dress-entry.ts";
import type { Bytes } from "../plan/bytes.ts";
import { renderImageConfig } from "../plan/image/image-config.ts";
import { refuseArchive } from "../plan/image/refusal.ts";
import { parseExtractorWord } from "../plan/image/extractor-word.ts";
import { writeOutput } from "./output.ts";
import { makeProgress } from "./progress.ts";
import { renderImages } from "./render-images.ts";
import { writeWarning } from "./report.ts";

export async function performExtraction(
  words: Bytes,
  handover: Handover,
): Promise<void> {
  giveUpSavedRoot(handover); // there is none in an instance
  const { environment } = handover;
  unblockSignals();
  const word = parseExtractorWord(words);
  if (word.action === "clean") return emptyTarget();
  if (word.action === "list")
    return writeOutput(renderImages(await listArchive()));
  const progress = makeProgress(isatty(2));
  try {
    const { config, losses } = await unpackArchive(word, progress.add);
    progress.end();
    if (config !== null) writeOutput(renderImageConfig(config));
    for (const text of renderLosses(losses)) writeWarning(text, environment);
  } catch (error) {
    emptyTarget();
    const text = failureText(error);
    throw text === null ? error : refuseArchive(text);
  } finally {
    progress.end();
  }
}

function renderLosses(losses: Losses): readonly string[] {
  const { devices, setIds, attributes } = losses;
  return [
    devices > 0 && `${devices} device nodes, which only root can make (see -i)`,
    setIds > 0 && `the setuid and setgid bits of files, ${setIds} times`,
    attributes > 0 && `${attributes} extended attributes`,
  ].flatMap((text) => (text === false ? [] : [`left out: ${text}`]));
}
