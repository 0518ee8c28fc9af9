/** The parts of an archive of images (its lists, configs and layers), by name. */

import { readSync } from "node:fs";
import type { Part } from "../../plan/image/image-list.ts";
import { parseJson, show } from "../../plan/image/json.ts";
import type { Json } from "../../plan/image/json.ts";
import { refuseArchive } from "../../plan/image/refusal.ts";
import { startDigest } from "./digest.ts";
import type { Section } from "./read-chunks.ts";

/** The lists and configs of real images have a few thousand bytes. */
export const LARGEST_LIST = 2 ** 22;

export interface PartStore {
  /** Null where there is no such part. */
  find(name: string): Section | null;
  /** The part has been read. */
  release(section: Section): void;
}

/** The part, which must be there and of the size that is said. */
export function findPart(store: PartStore, { name, size }: Part): Section {
  const section = store.find(name);
  if (section === null)
    throw refuseArchive(`${show(name)} is not in the archive`);
  if (size !== null && size !== section.size)
    throw refuseArchive(
      `${show(name)} has ${section.size} bytes, and should have ${size}`,
    );
  return section;
}

/** A list or config, held to its digest. */
export function readList(
  store: PartStore,
  part: Part,
): { text: string; json: Json } {
  const section = findPart(store, part);
  const { descriptor, offset, size } = section;
  const called = show(part.name);
  if (size > LARGEST_LIST) throw refuseArchive(`${called} has ${size} bytes`);
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size;) {
    const read = readSync(descriptor, bytes, at, size - at, offset + at);
    if (read === 0) throw refuseArchive(`${called} ends in the middle`);
    at += read;
  }
  store.release(section);
  if (part.digest !== null) {
    const check = startDigest(part.digest);
    check.update(bytes);
    check.finish(called);
  }
  const text = bytes.toString("utf8");
  return { text, json: parseJson(text, called) };
}
