/**
 * Rooms: small temporary trees described by an object, owned by the ordinary
 * user, on the root filesystem. All are removed with the test process's own
 * directory (KEEP_TEMP=1 keeps them).
 */

import {
  chmodSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { baseDirectory } from "./base.ts";

/** The ordinary user of the tests. */
export const USER = 1000;

/** An entry with a mode or an owner of its own. */
export interface Entry {
  readonly mode?: number;
  readonly owner?: number;
  readonly text?: string;
  readonly link?: string;
  readonly tree?: Tree;
}

/** Names to files (a text), directories (a tree), or entries with more to say. */
export interface Tree {
  readonly [name: string]: string | Tree | ReturnType<typeof entry>;
}

const special = Symbol("entry");

/** An entry with a mode or an owner of its own. */
export function entry(value: Entry): Entry & { readonly [special]: true } {
  return { ...value, [special]: true };
}

/** A symlink to TARGET. */
export function link(target: string): ReturnType<typeof entry> {
  return entry({ link: target });
}

function describe(value: Tree[string]): Entry {
  if (typeof value === "string") return { text: value };
  return special in value ? value : { tree: value };
}

function fill(directory: string, tree: Tree): void {
  for (const [name, value] of Object.entries(tree)) {
    const path = join(directory, name);
    const { text, link: target, tree: inner, mode, owner } = describe(value);
    if (target !== undefined) symlinkSync(target, path);
    else if (text !== undefined) writeFileSync(path, text);
    else mkdirSync(path);
    if (inner !== undefined) fill(path, inner);
    if (process.getuid!() === 0) lchownSync(path, owner ?? USER, owner ?? USER);
    if (target === undefined) {
      chmodSync(
        path,
        mode ??
          (text === undefined ? 0o755 : text.startsWith("#!") ? 0o755 : 0o644),
      );
    }
  }
}

/** Makes a room and gives its path. */
export function makeRoom(tree: Tree = {}): string {
  const path = mkdtempSync(join(baseDirectory(), "room-"));
  chmodSync(path, 0o755);
  if (process.getuid!() === 0) lchownSync(path, USER, USER);
  fill(path, tree);
  return path;
}
