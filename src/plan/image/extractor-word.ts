/**
 * What the importer asks of the extractor, this program again within an
 * instance: two words of its command line. They give nobody anything: who says
 * them to selfdock unpacks into a directory of their own.
 */

import type { Bytes } from "../bytes.ts";
import type { Wanted } from "./choose-image.ts";

/** Where the extractor finds things, in the instance's own memory. */
export const INSIDE = {
  program: "/tmp/selfdock",
  /** The directory to fill. */
  target: "/tmp/image" as Bytes,
  /** For `list`, which has no such directory. */
  memory: "/tmp" as Bytes,
} as const;

/** The read end of a pipe that only the importer holds open for writing. */
export const LIFELINE = 3;

/** The first word. */
export const EXTRACTOR_WORD = "--extract-here";

/** The second, in JSON. */
export interface ExtractorWord extends Wanted {
  /** `clean`: remove what is there. */
  readonly action: "unpack" | "list" | "clean";
  /** Keep owners; else everything is the caller's. */
  readonly keepIds: boolean;
  /** Keep the setuid and setgid bits of files. */
  readonly keepSetIds: boolean;
  /** Pass over device nodes in silence. */
  readonly ignoreDevices: boolean;
}

export function renderExtractorWords(word: ExtractorWord): readonly Bytes[] {
  const json = Buffer.from(JSON.stringify(word), "utf8").toString("latin1");
  return [EXTRACTOR_WORD, json] as Bytes[];
}

export function parseExtractorWord(word: Bytes): ExtractorWord {
  const json = Buffer.from(word, "latin1").toString("utf8");
  return JSON.parse(json) as ExtractorWord;
}
