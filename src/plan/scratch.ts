/** What `--scratch` takes to be planned. */

import type { Bytes } from "./bytes.ts";
import type { Caller, Facts } from "./facts.ts";
import type { Request } from "./request.ts";

export interface Scratch {
  /** Bytes. */
  readonly size: number;
  /** Absolute paths of what the command is likely to change: see planWay. */
  readonly places: readonly string[];
}

/** More would make a start slow. */
const MOST_PLACES = 16;
const DEEPEST = 64;
const PATH = /(?<![\w.])\/[^\s"'`;|&<>()$=:,]+/g;

/** Null if it is not asked for. */
export function scratchOf(request: Request, facts: Facts): Scratch | null {
  const { scratch: size, workingDirectory, command } = request;
  if (size === null) return null;
  const { caller, mode } = facts;
  // With root's rights an overlay could change what is another's.
  if (mode !== "rootless") throw new RangeError("--scratch is rootless");
  const start = workingDirectory ?? (caller.anybody ? null : caller.directory);
  const named = [start, homeOf(caller), ...command.flatMap(pathsIn)].filter(
    (place) => place?.startsWith("/") === true && !isCovered(place),
  ) as Bytes[];
  return { size, places: [...new Set(named)].slice(0, MOST_PLACES) };
}

/** What looks like an absolute path in a word, which may be a script. */
function pathsIn(word: Bytes): readonly Bytes[] {
  const found = word.startsWith("/") ? [word] : [];
  return [...found, ...word.matchAll(PATH).map(([path]) => path as Bytes)];
}

/** What the root has at /tmp is out of sight. */
function isCovered(path: Bytes): boolean {
  return path === "/tmp" || path.startsWith("/tmp/");
}

function homeOf({ environment }: Caller): Bytes | null {
  const home = environment.find((entry) => entry.startsWith("HOME="));
  return home === undefined ? null : (home.slice("HOME=".length) as Bytes);
}

/** `/a`, `/a/b` and `/a/b/c` for `/a/b/c`. */
export function pathsTo(place: string): readonly string[] {
  const names = place.split("/").filter((name) => name !== "");
  return names
    .slice(0, DEEPEST)
    .map((_, at) => `/${names.slice(0, at + 1).join("/")}`);
}
