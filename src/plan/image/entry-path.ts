/**
 * A name in an archive as the way to it from the root. Security: what is
 * returned has neither "..", nor an empty part, nor a slash or NUL in a part;
 * a leading slash means the image's own root.
 */

import { quote } from "../bytes.ts";
import type { Bytes } from "../bytes.ts";
import { refuseArchive } from "./refusal.ts";

/** Deeper than any tree that people use, and each level costs an open descriptor. */
const DEEPEST = 256;

export function parseEntryPath(name: Bytes): readonly Bytes[] {
  const parts = name
    .split("/")
    .filter((part) => part !== "" && part !== ".") as Bytes[];
  if (parts.includes(".." as Bytes))
    throw refuseArchive(`the name ${quote(short(name))} leads out of the root`);
  if (name.includes("\0"))
    throw refuseArchive(`the name ${quote(short(name))} has a NUL in it`);
  if (parts.length > DEEPEST)
    throw refuseArchive(
      `the name ${quote(short(name))} has more than ${DEEPEST} parts`,
    );
  return parts;
}

const SHOWN = 200;

/** A name for a message, which nobody wants in full if it has thousands of bytes. */
export function short(name: Bytes): Bytes {
  return name.length <= SHOWN ? name : (`${name.slice(0, SHOWN)}...` as Bytes);
}
