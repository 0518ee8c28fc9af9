/** Extended attributes of an entry, by its parent's descriptor and one name; links are not followed. xattr(7). */

import { bytesFrom } from "../../plan/bytes.ts";
import type { Bytes } from "../../plan/bytes.ts";
import type { Attribute } from "../../plan/image/pax.ts";
import { defineCall, textAt, TOO_LONG } from "../define-call.ts";

/** The kernel's own limit for a value and for the list of names. */
const LARGEST = 65_536;

const set = defineCall("lsetxattr", [
  "text",
  "text",
  { buffer: LARGEST },
  "number",
  "number",
]);
const get = defineCall("lgetxattr", [
  "text",
  "text",
  { buffer: LARGEST },
  "number",
]);
const list = defineCall("llistxattr", ["text", { buffer: LARGEST }, "number"]);
const remove = defineCall("lremovexattr", ["text", "text"]);

type Place = readonly [parent: number, name: Bytes];

/** There is no call with a descriptor and a name before Linux 6.13. */
function pathOf([parent, name]: Place): Bytes {
  return `/proc/self/fd/${parent}/${name}` as Bytes;
}

export function setAttributeAt(
  place: Place,
  { name, value }: Attribute,
): number {
  if (value.length > LARGEST) return TOO_LONG;
  textAt(set.buffers[0]!).write(value, "latin1");
  return set(pathOf(place), name, value.length, 0);
}

/** None where the filesystem has no attributes. */
export function listAttributesAt(place: Place): readonly Attribute[] {
  const path = pathOf(place);
  const size = list(path, LARGEST);
  if (size <= 0) return [];
  const names = bytesFrom(list.buffers[0]!.subarray(0, size - 1)).split("\0");
  return (names as Bytes[]).flatMap((name) => {
    const length = get(path, name, LARGEST);
    if (length < 0) return [];
    return { name, value: bytesFrom(get.buffers[0]!.subarray(0, length)) };
  });
}

export function removeAttributeAt(place: Place, name: Bytes): void {
  remove(pathOf(place), name);
}
