/** Reads files that may be baked ones, as data. */

import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
} from "node:fs";
import { quote } from "../plan/bytes.ts";
import type { Bytes } from "../plan/bytes.ts";
import { SelfdockError } from "../plan/error.ts";
import { findNote, parseNoteAt } from "../stage0/baked/note.ts";
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

/** A page has the headers; no line is longer than what execve(2) takes. */
const HEADERS = 4096;
const LONGEST_NOTE = 2 ** 23;

/** The words of the file that a process executes, or null: it is none, or cannot be looked at. */
export function readBakedWords(pid: number): readonly Bytes[] | null {
  let opened: number | null = null;
  try {
    opened = openSync(`/proc/${pid}/exe`, "r");
    const place = findNote(readAt(opened, 0, HEADERS));
    if (place === null || place.size > LONGEST_NOTE) return null;
    const { offset, size } = place;
    return parseNoteAt(readAt(opened, offset, size))?.words ?? null;
  } catch {
    return null;
  } finally {
    if (opened !== null) closeSync(opened);
  }
}

function readAt(file: number, offset: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  return bytes.subarray(0, readSync(file, bytes, 0, size, offset));
}
