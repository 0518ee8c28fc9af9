/** What is started side by side, and how: each makes one instance of `true`. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "pathe";
import type { Commands } from "./measure.ts";
import { run } from "./workshop.ts";
import type { Workshop } from "./workshop.ts";

const TRUE = "/bin/true";

export const BUBBLEWRAP =
  "bwrap --ro-bind / / --dev /dev --proc /proc --tmpfs /tmp --unshare-pid".split(
    " ",
  );

/** An option that needs Bun: stage 0 reads no numbers of limits. */
export const BY_BUN = ["--ulimit", "core=0"] as const;

function installed(
  program: string,
  command: readonly string[],
): readonly string[] | null {
  return Bun.which(program) === null ? null : command;
}

function those(
  commands: Readonly<Record<string, readonly string[] | null>>,
): Commands {
  return Object.fromEntries(
    Object.entries(commands).filter(
      (each): each is [string, readonly string[]] => each[1] !== null,
    ),
  );
}

/** As an ordinary user. */
export function userContenders({
  yardstick,
  selfdock,
  baked,
  emptyBun,
}: Workshop): Commands {
  return those({
    [TRUE]: [TRUE],
    "selfdock run, setuid": [selfdock.setuid, "run", TRUE],
    "selfdock run, rootless": [selfdock.rootless, "run", TRUE],
    "selfdock, baked": [baked.true],
    "C yardstick, setuid": [yardstick.setuid, TRUE],
    "C yardstick, rootless": [yardstick.rootless, TRUE],
    unshare: ["unshare", "-r", "-mpf", "--mount-proc", TRUE],
    bubblewrap: installed("bwrap", [...BUBBLEWRAP, TRUE]),
    "empty Bun executable": [emptyBun],
    "selfdock run by Bun, setuid": [selfdock.setuid, ...BY_BUN, "run", TRUE],
    "selfdock run by Bun, rootless": [
      selfdock.rootless,
      ...BY_BUN,
      "run",
      TRUE,
    ],
    firejail: installed("firejail", [
      "firejail",
      "--quiet",
      "--noprofile",
      TRUE,
    ]),
  });
}

/** As root, since they need it here: container engines on a root of one program. */
export function rootContenders({ directory, selfdock }: Workshop): Commands {
  const root = join(directory, "root");
  for (const name of ["bin", "proc", "dev", "sys", "tmp", "etc", "run"])
    mkdirSync(join(root, name), { recursive: true });
  const source = "int main(void) { return 0; }\n";
  writeFileSync(join(directory, "nothing.c"), source);
  run(
    ["cc", "-O2", "-static", "-o", join(root, "bin/true"), "nothing.c"],
    directory,
  );
  return those({
    "selfdock run, root": [selfdock.rootless, "run", TRUE],
    runc: installed("runc", [
      "sh",
      "-c",
      `cd ${runcBundle(directory)} && exec runc run bench-$$`,
    ]),
    podman: installed("podman", [
      ..."podman --runtime runc --cgroup-manager=cgroupfs run --rm --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 --network=none --rootfs".split(
        " ",
      ),
      `${root}:O`,
      TRUE,
    ]),
  });
}

/** `runc spec` with another root, without a terminal. */
function runcBundle(directory: string): string {
  if (Bun.which("runc") === null) return directory;
  run(["rm", "-f", "config.json"], directory);
  run(["runc", "spec"], directory);
  const path = join(directory, "config.json");
  const text = run(["cat", path], directory);
  const spec = JSON.parse(text) as {
    process: Record<string, unknown>;
    root: { path: string };
  };
  spec.process["terminal"] = false;
  spec.process["args"] = [TRUE];
  spec.process["rlimits"] = [];
  spec.root.path = "root";
  writeFileSync(path, JSON.stringify(spec));
  return directory;
}
