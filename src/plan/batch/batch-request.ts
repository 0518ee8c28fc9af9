/** What `selfdock batch` is asked for, complete: no default is applied behind this door. */

import type { Bytes } from "../bytes.ts";
import type { EnvironmentChange, Request } from "../request.ts";

/** How commands are written in the input. */
export const BATCH_FORMATS = ["lines", "null", "json"] as const;
export type BatchFormat = (typeof BATCH_FORMATS)[number];

export interface BatchRequest {
  /** What every instance is; its command is each line's. */
  readonly request: Request;
  /** What the instances are called, or null. */
  readonly name: Bytes | null;
  /** The input, relative to the caller's directory or absolute; null: standard input. */
  readonly file: Bytes | null;
  readonly format: BatchFormat;
  /** How many at once; null: as many as there are processors. */
  readonly jobs: number | null;
  /** Where N.out and N.err go; null: standard output and standard error. */
  readonly outputDirectory: Bytes | null;
  /** One line of JSON for each result, on standard output. */
  readonly json: boolean;
  /** After the first failure nothing more is started. */
  readonly stopOnFailure: boolean;
  /** How long each may take, in seconds; null: for ever. */
  readonly seconds: number | null;
}

/** One command of the input. */
export interface BatchCommand {
  /** At least one word, the first not empty. */
  readonly argv: readonly Bytes[];
  /** On top of what the options say. */
  readonly environment: readonly EnvironmentChange[];
  /** A directory inside, absolute or relative to the caller's; null: the usual one. */
  readonly workingDirectory: Bytes | null;
  /** A file, relative to the caller's directory or absolute; null: /dev/null. */
  readonly stdin: Bytes | null;
}

/** Why a line is no command. */
export interface BadLine {
  /** The state of it, for "Cannot read line 3: …". */
  readonly wrong: string;
  readonly hint: string | null;
}

/** More at once is a mistake: each takes processes and descriptors. */
export const MOST_JOBS = 1024;
