/** What a benchmark needs, in one temporary directory that is gone at the end: programs, roots, sources. */

import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "pathe";
import { compile } from "../build.ts";

const HERE = import.meta.dirname;
const ARTIFACT = join(HERE, "../dist/selfdock");

/** Paths of what is measured. */
export interface Workshop {
  readonly directory: string;
  readonly interleave: string;
  /** The C yardstick, and selfdock: as anybody starts them, and set-user-id. */
  readonly yardstick: Both;
  readonly selfdock: Both;
  /** Baked files: of `true`, and of a compiler that sees the directory where it is started. */
  readonly baked: { readonly true: string; readonly cc: string };
  /** An executable of Bun's that does nothing, compiled as the artifact is. */
  readonly emptyBun: string;
}

export interface Both {
  readonly rootless: string;
  readonly setuid: string;
}

/** Makes it on the root filesystem, where set-user-id counts. Only root can. */
export async function openWorkshop(): Promise<Workshop> {
  const directory = mkdtempSync("/usr/local/lib/selfdock-bench-");
  chmodSync(directory, 0o755);
  const interleave = join(directory, "interleave");
  const launch = join(directory, "launch");
  cc(["-o", interleave, join(HERE, "yardstick/interleave.c")]);
  const bare = "-nostdlib -fno-stack-protector -Wl,--build-id=none".split(" ");
  const starter = join(HERE, "yardstick/starter.c");
  cc([...bare, "-o", join(directory, "starter"), starter], directory);
  cc(["-o", launch, join(HERE, "yardstick/launch.c")], directory);
  const empty = join(directory, "empty.ts");
  writeFileSync(empty, "");
  const emptyBun = join(directory, "empty");
  await compile(emptyBun, [], empty);
  return {
    directory,
    interleave,
    yardstick: both(directory, launch),
    selfdock: both(directory, ARTIFACT),
    baked: {
      true: bake(directory, "true", ["run", "/bin/true"]),
      cc: bake(directory, "cc", ["-v", ".", ".", "run", "cc"]),
    },
    emptyBun,
  };
}

export function closeWorkshop({ directory }: Workshop): void {
  rmSync(directory, { recursive: true, force: true });
}

function cc(words: readonly string[], cwd: string = HERE): void {
  run(["cc", "-O2", "-static", ...words], cwd);
}

function bake(
  directory: string,
  name: string,
  line: readonly string[],
): string {
  const file = join(directory, `baked-${name}`);
  run([ARTIFACT, "bake", "-o", file, ...line], directory);
  return file;
}

/** Two copies of a program, each by its own name in a directory of its own. */
function both(directory: string, program: string): Both {
  const name = program.slice(program.lastIndexOf("/") + 1);
  const copies = (["plain", "setuid"] as const).map((kind) => {
    mkdirSync(join(directory, kind), { recursive: true });
    const copy = join(directory, kind, name);
    copyFileSync(program, copy);
    chmodSync(copy, kind === "setuid" ? 0o4755 : 0o755);
    return copy;
  });
  return { rootless: copies[0]!, setuid: copies[1]! };
}

/** Runs a command to its end; throws with what it said if it fails. */
export function run(command: readonly string[], cwd: string): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync([...command], {
    cwd,
    stdin: "ignore",
  });
  if (exitCode !== 0)
    throw new Error(
      `${command.join(" ")} ended with ${exitCode}: ${stderr.toString()}`,
    );
  return stdout.toString();
}
