/** Root filesystems to put instances on: a busybox one, and a Debian made by debootstrap. */

import { chmodSync, copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { aptArchive } from "./archive.ts";
import { baseDirectory } from "./base.ts";
import { makeRoom, type Tree, USER } from "./room.ts";

/** An empty directory of root's; what stands in its name is only for people who read it. */
export function rootOf(name: string): string {
  const path = join(
    baseDirectory(),
    `${name}-${Math.random().toString(36).slice(2)}`,
  );
  mkdirSync(path, { mode: 0o755 });
  return path;
}

async function runOrThrow(command: readonly string[]): Promise<void> {
  const child = Bun.spawn([...command], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    cwd: "/",
  });
  const said = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) !== 0)
    throw new Error(`${command.join(" ")} failed:\n${said.join("\n")}`);
}

/** A root of the ordinary user's with busybox, the usual empty directories and TREE. */
export async function busyboxRoot(tree: Tree = {}): Promise<string> {
  const busybox = Bun.which("busybox");
  if (busybox === null)
    throw new Error("There is no busybox to make a root of");
  const root = makeRoom({
    bin: {},
    dev: {},
    etc: {},
    proc: {},
    tmp: {},
    usr: {},
    var: {},
    ...tree,
  });
  copyFileSync(busybox, join(root, "bin/busybox"));
  chmodSync(join(root, "bin/busybox"), 0o755);
  // The links name the program as the instance will see it.
  await runOrThrow([
    "sh",
    "-c",
    'for name in $("$1/bin/busybox" --list); do [ "$name" = busybox ] || ln -s busybox "$1/bin/$name"; done',
    "sh",
    root,
  ]);
  return root;
}

let debian: Promise<string> | undefined;

/** Before what mounts /proc and more in a root that it makes. */
export const OWN_MOUNTS = ["unshare", "--mount", "--propagation", "private"];

async function makeDebian(): Promise<string> {
  const root = rootOf("debian");
  const { suite, address } = aptArchive();
  const how = ["--variant=minbase", suite, root, address];
  await runOrThrow([...OWN_MOUNTS, "debootstrap", ...how]);
  await runOrThrow(["chown", String(USER), root]);
  return root;
}

/** A debootstrapped Debian, made once in a test process. */
export function debianRoot(): Promise<string> {
  debian ??= makeDebian();
  return debian;
}
