/**
 * The way from the root of what is unpacked down to where the next entry lies.
 * Each step is one name from the descriptor before it, and never a link.
 */

import { ERRNO } from "../../../syscalls/errno.table.ts";
import { quote } from "../../plan/bytes.ts";
import type { Bytes } from "../../plan/bytes.ts";
import { short } from "../../plan/image/entry-path.ts";
import { refuseArchive } from "../../plan/image/refusal.ts";
import {
  check,
  enterDirectory,
  failedWith,
  isDirectory,
  leaveDirectory,
} from "./directory.ts";
import type { Directory } from "./directory.ts";
import { changeModeAt, makeDirectoryAt, statusAt } from "./file-calls.ts";

const FOR_ALL = 0o755;

export class Way {
  readonly root: Directory;
  readonly #entered: Directory[] = [];
  readonly #implied: (directory: Directory) => void;

  /** `implied` is told of each directory that no entry has made so far. */
  constructor(root: Directory, implied: (directory: Directory) => void) {
    this.root = root;
    this.#implied = implied;
  }

  /** Where the entry lies: entered, made where it is not there. */
  to(path: readonly Bytes[]): Directory {
    const parts = path.slice(0, -1);
    let same = 0;
    while (same < parts.length && this.#entered[same]?.name === parts[same])
      same += 1;
    while (this.#entered.length > same) leaveDirectory(this.#entered.pop()!);
    for (const part of parts.slice(same)) this.#entered.push(this.#enter(part));
    return this.#entered.at(-1) ?? this.root;
  }

  /** Leaves everything but the root. */
  finish(): void {
    this.to([]);
  }

  #enter(name: Bytes): Directory {
    const { descriptor } = this.#entered.at(-1) ?? this.root;
    const made = makeDirectoryAt(descriptor, name, FOR_ALL);
    if (made >= 0)
      check(changeModeAt(descriptor, name, FOR_ALL), "making", name);
    else if (made !== -ERRNO.EEXIST) throw failedWith(made, "making", name);
    const status = statusAt(descriptor, name);
    if (typeof status === "number") throw failedWith(status, "opening", name);
    if (!isDirectory(status))
      throw refuseArchive(
        `an entry lies within ${quote(short(name))}, which is no directory`,
      );
    const directory = enterDirectory(descriptor, name, status);
    if (made >= 0) this.#implied(directory);
    return directory;
  }
}

/** Does something with an entry that is there already; its parents are entered part by part. */
export function withExisting<T>(
  root: Directory,
  path: readonly Bytes[],
  body: (parent: number, name: Bytes) => T,
): T | null {
  const entered: Directory[] = [];
  try {
    let { descriptor } = root;
    for (const part of path.slice(0, -1)) {
      const status = statusAt(descriptor, part);
      if (!isDirectory(status)) return null;
      entered.push(enterDirectory(descriptor, part, status));
      ({ descriptor } = entered.at(-1)!);
    }
    const status = statusAt(descriptor, path.at(-1)!);
    if (typeof status === "number" || isDirectory(status)) return null;
    return body(descriptor, path.at(-1)!);
  } finally {
    for (const directory of entered.toReversed()) leaveDirectory(directory);
  }
}
