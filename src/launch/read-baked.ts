/** Reads a file that may be a baked one, as data. */

import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
} from "node:fs";
import { quote } from "../plan/bytes.ts";
import type { Bytes } from "../plan/bytes.ts";
import { SelfdockError } from "../plan/error.ts";
import { failureText } from "./image/failure-text.ts";
import type { Handover } from "./read-handover.ts";
import { absolutePath } from "./write-baked.ts";

/** None is nearly as large. */
const LARGEST = 2 ** 26;

/** Its bytes. Not those of a device or a pipe, which would do something. */
export function readBaked(file: Bytes, handover: Handover): Buffer {
  const path = Buffer.from(absolutePath(file, handover), "latin1");
  const refuse = (state: string, cause?: unknown) =>
    new SelfdockError(
      "launch",
      `Cannot explain ${quote(file)}: ${state}`,
      null,
      cause,
    );
  let opened: number | null = null;
  try {
    const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = constants;
    opened = openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    const status = fstatSync(opened);
    if (!status.isFile()) throw refuse("it is no regular file");
    if (status.size > LARGEST) throw refuse("it is too large for a baked file");
    return readFileSync(opened);
  } catch (cause) {
    const text = failureText(cause);
    throw text === null ? cause : refuse(text, cause);
  } finally {
    if (opened !== null) closeSync(opened);
  }
}
