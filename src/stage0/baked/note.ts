/**
 * The ELF note of a baked file: what it was made of. Security model: a file may
 * be anybody's, so nothing that is read here is believed. It is a row of words
 * and ids within bounds, from which the file is made again and compared; see
 * src/commands/explain.ts. elf(5).
 */

import { parseExecutable } from "../../../syscalls/elf.ts";
import type { Executable } from "../../../syscalls/elf.ts";
import { PT } from "../../../syscalls/constants/elf.table.ts";
import type { Bytes } from "../../plan/bytes.ts";
import type { IdRange, SubordinateIds } from "../../plan/subordinate-ids.ts";
import type { Owner, Recipe } from "./recipe.ts";

/** What the note says: a recipe with the words of its request. */
export interface Note extends Pick<Recipe, "owner" | "subordinate"> {
  /** The version of the selfdock that has baked the file. */
  readonly version: string;
  /** A line that asks for the request. */
  readonly words: readonly Bytes[];
}

const NAME = Buffer.from("selfdock\0");
const TYPE = 1;
/** namesz, descsz, type. */
const HEAD = 12;
const LARGEST_ID = 2 ** 32 - 2;

const pad = (size: number) => Math.ceil(size / 4) * 4;

/** The bytes of the note. */
export function encodeNote(note: Note): Uint8Array {
  const text = Buffer.from(JSON.stringify(note), "utf8");
  const bytes = Buffer.alloc(HEAD + pad(NAME.length) + pad(text.length));
  bytes.writeUInt32LE(NAME.length, 0);
  bytes.writeUInt32LE(text.length, 4);
  bytes.writeUInt32LE(TYPE, 8);
  bytes.set(NAME, HEAD);
  bytes.set(text, HEAD + pad(NAME.length));
  return bytes;
}

/** The note of a file, or null: it has none, or none of this form. */
export function parseNote(file: Uint8Array): Note | null {
  const place = findNote(file);
  if (place === null) return null;
  return parseNoteAt(file.subarray(place.offset, place.offset + place.size));
}

/** The same, from the bytes of its place. */
export function parseNoteAt(place: Uint8Array): Note | null {
  const bytes = Buffer.from(place.buffer, place.byteOffset, place.length);
  if (bytes.length < HEAD + pad(NAME.length)) return null;
  const size = bytes.readUInt32LE(4);
  const at = HEAD + pad(NAME.length);
  const fits =
    bytes.readUInt32LE(0) === NAME.length &&
    bytes.readUInt32LE(8) === TYPE &&
    bytes.subarray(HEAD, HEAD + NAME.length).equals(NAME) &&
    at + size <= bytes.length;
  return fits ? parseText(bytes.toString("utf8", at, at + size)) : null;
}

/** Where the note is, from the headers at the file's beginning; null if they say nothing of one. */
export function findNote(
  beginning: Uint8Array,
): { readonly offset: number; readonly size: number } | null {
  let executable: Executable;
  try {
    executable = parseExecutable(beginning);
  } catch (error) {
    if (error instanceof RangeError) return null; // no such file, or cut off
    throw error;
  }
  const notes = executable.headers.filter(({ type }) => type === PT.NOTE);
  const [note, second] = notes;
  if (note === undefined || second !== undefined) return null;
  return { offset: note.offset, size: note.fileSize };
}

function parseText(text: string): Note | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(value)) return null;
  const { version, words, owner, subordinate } = value;
  const known =
    typeof version === "string" &&
    /^[\w.+-]{1,64}$/.test(version) &&
    Array.isArray(words) &&
    words.every(isWord) &&
    (owner === null || isOwner(owner)) &&
    (subordinate === null || isSubordinate(subordinate));
  return known ? { version, words, owner, subordinate } : null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One byte in each character, and no NUL: what an argument can be. */
function isWord(value: unknown): value is Bytes {
  return typeof value === "string" && /^[\u0001-\u00ff]*$/.test(value);
}

function isId(value: unknown, least = 0): value is number {
  return (
    typeof value === "number" &&
    Number.isInteger(value) &&
    value >= least &&
    value <= LARGEST_ID
  );
}

function isOwner(value: unknown): value is Owner {
  return isRecord(value) && isId(value["uid"]) && isId(value["gid"]);
}

function isSubordinate(value: unknown): value is SubordinateIds {
  if (!isRecord(value)) return false;
  const { missing, users, groups } = value;
  if (missing !== undefined) return typeof missing === "string";
  return isRanges(users) && isRanges(groups);
}

function isRanges(value: unknown): value is readonly IdRange[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= 340 &&
    value.every(
      (range) =>
        isRecord(range) && isId(range["first"]) && isId(range["count"], 1),
    )
  );
}
