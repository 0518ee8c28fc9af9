/**
 * Lays an unpacked layer over the root, as an overlay filesystem would show it:
 * whiteouts take away what lies below, directories are merged, all else is
 * moved into its place. So a layer's whiteout or directory never meets a link of
 * its own layer, and a link below is replaced, never followed.
 */

import { ERRNO } from "../../../syscalls/errno.table.ts";
import type { Bytes } from "../../plan/bytes.ts";
import { hiddenBy, IMPLIED, OPAQUE } from "../../plan/image/whiteout.ts";
import {
  check,
  drainDirectory,
  emptyDirectory,
  enterDirectory,
  failedWith,
  forEachName,
  isDirectory,
  leaveDirectory,
  removeEntry,
} from "./directory.ts";
import type { Directory } from "./directory.ts";
import { changeOwner, copyAttributes } from "./dress-entry.ts";
import {
  makeDirectoryAt,
  REMOVE_DIRECTORY,
  renameAt,
  statusAt,
  unlinkAt,
} from "./file-calls.ts";

/** What there is to know of a layer. */
export interface LayerFacts {
  readonly keepIds: boolean;
  /** Whether anything below its root is a whiteout or a mark of ours. */
  readonly marked: boolean;
}

const HERE = "." as Bytes;

/** `upper` is empty afterwards. Both have been entered, and get their modes and times when they are left. */
export function mergeDirectory(
  upper: Directory,
  lower: Directory,
  facts: LayerFacts & { readonly fresh: boolean },
): void {
  const implied = unlinkAt(upper.descriptor, IMPLIED, 0) >= 0;
  // Before anything is moved: what the layer itself has is not hidden.
  if (facts.marked) obeyWhiteouts(upper, lower);
  if (!implied || facts.fresh) takeOver(upper, lower, facts);
  drainDirectory(upper, (name) => moveEntry([upper, lower], name, facts));
}

function obeyWhiteouts(upper: Directory, lower: Directory): void {
  if (unlinkAt(upper.descriptor, OPAQUE, 0) >= 0) emptyDirectory(lower);
  forEachName(upper, (name) => {
    const hidden = hiddenBy(name);
    if (hidden === null) return;
    removeEntry(lower.descriptor, hidden);
    check(unlinkAt(upper.descriptor, name, 0), "removing", name);
  });
}

/** The directory below looks like the layer's own. */
function takeOver(
  upper: Directory,
  lower: Directory,
  { keepIds }: LayerFacts,
): void {
  const [from, to] = [upper.descriptor, lower.descriptor];
  lower.mode = upper.mode;
  lower.modified = upper.modified;
  const status = statusAt(from, HERE);
  if (typeof status === "number") throw failedWith(status, "reading", HERE);
  if (keepIds) changeOwner([to, HERE], status);
  copyAttributes([from, HERE], [to, HERE]);
}

/** Moves one entry, or merges it if both are directories. */
function moveEntry(
  [upper, lower]: readonly [Directory, Directory],
  name: Bytes,
  facts: LayerFacts,
): void {
  const [from, to] = [upper.descriptor, lower.descriptor];
  const status = statusAt(from, name);
  const directory = isDirectory(status);
  const mayMove = !directory || !facts.marked;
  let result = mayMove ? renameAt(from, name, to, name, 0) : -ERRNO.EXDEV;
  if (result >= 0) return;
  let below = statusAt(to, name);
  if (!directory || !isDirectory(below)) {
    removeEntry(to, name);
    below = -ERRNO.ENOENT;
    if (mayMove) result = renameAt(from, name, to, name, 0);
    if (result >= 0) return;
    if (!directory) throw failedWith(result, "moving", name);
  }
  const fresh = typeof below === "number";
  if (fresh) {
    check(makeDirectoryAt(to, name, 0o700), "making", name);
    below = statusAt(to, name);
  }
  if (!isDirectory(below)) throw failedWith(result, "moving", name);
  const inner = [
    enterDirectory(from, name, status),
    enterDirectory(to, name, below),
  ] as const;
  mergeDirectory(...inner, { ...facts, fresh });
  for (const each of inner) leaveDirectory(each);
  check(unlinkAt(from, name, REMOVE_DIRECTORY), "removing", name);
}
