/** Everything that an archive keeps of a tree, to hold two trees against each other. */

import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "./archives.ts";

/** What is compared beside names, kinds, contents, links and times. */
export interface Comparison {
  /** The owner as it is called inside, or null to leave owners out. */
  readonly owner: ((id: number) => number) | null;
  /** The bits of the mode that count. */
  readonly modes: number;
}

/** A line for each entry below the root: its path, kind, mode, owner, links, time and content. */
export function treeContent(
  root: string,
  { owner, modes }: Comparison,
): readonly string[] {
  const first = new Map<number, string>();
  const names = readdirSync(root, { recursive: true, encoding: "utf8" });
  return names.toSorted().map((name) => {
    const path = join(root, name);
    const status = lstatSync(path);
    const directory = status.isDirectory();
    const mode =
      directory || status.isSymbolicLink()
        ? status.mode
        : status.mode & (modes | 0o170000);
    if (!directory && !first.has(status.ino)) first.set(status.ino, name);
    const content = status.isSymbolicLink()
      ? readlinkSync(path)
      : status.isFile()
        ? sha256(readFileSync(path))
        : "";
    return [
      name,
      mode.toString(8),
      owner === null ? "" : `${owner(status.uid)}:${owner(status.gid)}`,
      directory ? "" : first.get(status.ino),
      Math.floor(status.mtimeMs / 1000),
      content,
    ].join(" ");
  });
}
