/** The parts of an OCI layout that is a directory. */

import { closeSync, fstatSync } from "node:fs";
import { ERRNO } from "../../../syscalls/errno.table.ts";
import { bytesOf } from "../../plan/bytes.ts";
import { parseEntryPath } from "../../plan/image/entry-path.ts";
import { show } from "../../plan/image/json.ts";
import { refuseArchive } from "../../plan/image/refusal.ts";
import { check } from "./directory.ts";
import { openDirectoryAt, openFileAt } from "./file-calls.ts";
import type { PartStore } from "./part-store.ts";
import type { Section } from "./read-chunks.ts";

/** No part of the way to one is a link. */
export class DirectoryParts implements PartStore {
  readonly #root: number;

  constructor(root: number) {
    this.#root = root;
  }

  find(name: string): Section | null {
    const path = parseEntryPath(bytesOf(name));
    let directory = this.#root;
    for (const part of path.slice(0, -1)) {
      const inner = openDirectoryAt(directory, part);
      if (directory !== this.#root) closeSync(directory);
      if (inner === -ERRNO.ENOENT) return null;
      check(inner, "opening", part);
      directory = inner;
    }
    const last = path.at(-1);
    const descriptor =
      last === undefined ? -ERRNO.ENOENT : openFileAt(directory, last);
    if (directory !== this.#root) closeSync(directory);
    if (descriptor === -ERRNO.ENOENT) return null;
    check(descriptor, "opening", bytesOf(name));
    const status = fstatSync(descriptor);
    if (!status.isFile()) throw refuseArchive(`${show(name)} is no file`);
    return { descriptor, offset: 0, size: status.size };
  }

  release({ descriptor }: Section): void {
    closeSync(descriptor);
  }
}
