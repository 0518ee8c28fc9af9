/**
 * A Debian with Node and npm and nothing else that this project could lean on.
 * Whole: installed by mmdebstrap with Debian's own Node and npm, and what the
 * examples call. Bare: the files of a few packages, and this machine's Node.
 * The mirror and npm's registry are those that this machine is configured with.
 */

import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { aptArchive } from "../harness/archive.ts";
import { OWN_MOUNTS, rootOf } from "../harness/roots.ts";
import { USER } from "../harness/room.ts";

const BARE =
  "base-files,base-passwd,bash,coreutils,dash,findutils,grep,gzip,libc-bin,libstdc++6,mount,ncurses-base,procps,sed,tar,util-linux";
const WHOLE =
  "nodejs,npm,ca-certificates,procps,make,gcc,libc6-dev,python3,git,parallel,uidmap";

function spawn(command: readonly string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync([...command], {
    stdin: "ignore",
  });
  if (exitCode === 0) return stdout.toString();
  throw new Error(`${command.join(" ")}: ${stderr.toString()}`);
}

/** This machine's Node and npm at /opt/node. */
function lendNode(root: string): void {
  const [node, modules] = [Bun.which("node")!, spawn(["npm", "root", "-g"])];
  mkdirSync(join(root, "opt/node/bin"), { recursive: true });
  spawn(["cp", "--dereference", node, join(root, "opt/node/bin/node")]);
  spawn(["cp", "-a", join(modules.trim(), "npm"), join(root, "opt/node/npm")]);
  for (const name of ["npm", "npx"])
    symlinkSync(`../npm/bin/${name}-cli.js`, join(root, "opt/node/bin", name));
}

export function makeDebian(whole: boolean): string {
  const root = rootOf("debian");
  const { suite, address } = aptArchive();
  spawn([
    ...OWN_MOUNTS,
    "mmdebstrap",
    "--quiet",
    `--variant=${whole ? "minbase" : "extract"}`,
    `--include=${whole ? WHOLE : BARE}`,
    suite,
    root,
    address,
  ]);
  chmodSync(root, 0o755);
  if (!whole) {
    writeFileSync(join(root, "etc/passwd"), "root:x:0:0::/root:/bin/sh\n");
    writeFileSync(join(root, "etc/group"), "root:x:0:\n");
    lendNode(root);
  }
  // newuidmap wants a name for the number.
  const me = `me:x:${USER}:${USER}::/home/me:/bin/bash\n`;
  appendFileSync(join(root, "etc/passwd"), me);
  mkdirSync(join(root, "home/me/selfdock"), { recursive: true });
  spawn(["chown", "-R", `${USER}:${USER}`, join(root, "home/me")]);
  spawn(["cp", "--dereference", "/etc/resolv.conf", join(root, "etc")]);
  return root;
}

/** Where npm of a user who has configured nothing finds the registry of this machine. */
export function npmVariables(): Readonly<Record<string, string>> {
  const config = (name: string) => spawn(["npm", "config", "get", name]).trim();
  const certificates = config("cafile");
  return {
    npm_config_registry: config("registry"),
    npm_config_replace_registry_host: config("replace-registry-host"),
    npm_config_update_notifier: "false",
    ...(certificates === "null"
      ? {}
      : {
          npm_config_cafile: "/etc/ssl/of-the-host.crt",
          NODE_EXTRA_CA_CERTS: "/etc/ssl/of-the-host.crt",
        }),
  };
}

/** Run by root in the new root: what npm needs to trust the registry. */
export function lendCertificates(root: string): void {
  const file = spawn(["npm", "config", "get", "cafile"]).trim();
  if (file === "null") return;
  mkdirSync(join(root, "etc/ssl"), { recursive: true });
  spawn(["cp", "--dereference", file, join(root, "etc/ssl/of-the-host.crt")]);
}
