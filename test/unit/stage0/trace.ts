/** The artifact's system calls as strace tells them. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "pathe";
import { plainProgram } from "../../harness/program.ts";

/** One system call, as it began. */
export interface Call {
  readonly name: string;
  /** Everything behind the parenthesis. */
  readonly rest: string;
}

export interface Trace {
  readonly calls: readonly Call[];
  /** The directory in which it was started; it is gone by now. */
  readonly directory: string;
}

/** Files in the caller's directory that Bun would look for. */
const BAIT = [
  "bunfig.toml",
  ".env",
  ".env.local",
  ".env.production",
  "package.json",
  "tsconfig.json",
  "node_modules",
];

/** Runs the artifact among bait, with a soft limit of descriptors below the hard one. */
export function trace(words: readonly string[]): Trace {
  const directory = mkdtempSync(join(tmpdir(), "selfdock-trace-"));
  try {
    for (const name of BAIT) writeFileSync(join(directory, name), "!");
    const log = join(directory, "trace");
    const script =
      'ulimit -Sn 256 && ulimit -Hn 512 && exec strace -f -qq -e signal=none -s 4096 -o "$@"';
    const { exitCode, stderr } = Bun.spawnSync(
      ["sh", "-c", script, "sh", log, plainProgram(), ...words],
      {
        cwd: directory,
        stdin: "ignore",
        stdout: "ignore",
        env: {
          PATH: process.env["PATH"] ?? "",
          HOME: directory,
          BUN_BE_BUN: "1",
        },
      },
    );
    if (exitCode !== 0) throw new Error(stderr.toString());
    const lines = readFileSync(log, "utf8").split("\n");
    return { directory, calls: lines.flatMap(parseCall) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** `123  openat(AT_FDCWD, …`; the ends of interrupted calls are none. */
function parseCall(line: string): Call[] {
  const match = /^\d+ +([a-z0-9_]+)\((.*)$/.exec(line);
  return match === null ? [] : [{ name: match[1]!, rest: match[2]! }];
}

/** Calls that take a path, and the path that this one takes; null for those by descriptor alone. */
export function pathOf({ name, rest }: Call): string | null {
  const takes =
    /^(open|stat|lstat|access|readlink|chdir|execve|mkdir|unlink|openat2?|newfstatat|statx|faccessat2?|readlinkat|unlinkat|inotify_add_watch)$/;
  if (!takes.test(name)) return null;
  const path = /^(?:AT_FDCWD, |\d+, )?"([^"]*)"/.exec(rest)?.[1];
  return path === undefined || path === "" ? null : path;
}
