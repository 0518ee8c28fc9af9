/**
 * The surroundings that container engines make: runc, with Docker's default
 * masks and a filter that refuses what Docker's default one refuses of the calls
 * that matter here. The container's root is the host's own, read-only, so that
 * the program under test is there. Given as `before` of a start.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeRoom } from "./room.ts";

/** Docker's maskedPaths and readonlyPaths (moby, oci/defaults.go). */
const MASKED = [
  "/proc/acpi",
  "/proc/asound",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/sys/devices/virtual/powercap",
  "/sys/firmware",
];
const READ_ONLY = ["bus", "fs", "irq", "sys", "sysrq-trigger"].map(
  (name) => `/proc/${name}`,
);

/** Docker's default capabilities. */
const CAPABILITIES =
  "CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE"
    .split(" ")
    .map((name) => `CAP_${name}`);

/** What Docker's default filter lets pass with CAP_SYS_ADMIN alone (moby, profiles/seccomp/default.json). */
const REFUSED =
  "fsconfig fsmount fsopen fspick mount mount_setattr move_mount open_tree pivot_root setns umount umount2 unshare keyctl add_key request_key".split(
    " ",
  );
const CLONE_NEW = 0x7e020000;
const ENOSYS = 38;

const FILTER = {
  defaultAction: "SCMP_ACT_ALLOW",
  architectures: ["SCMP_ARCH_X86_64"],
  syscalls: [
    { names: REFUSED, action: "SCMP_ACT_ERRNO", errnoRet: 1 },
    // Its flags lie in memory, where no filter can look.
    { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: ENOSYS },
    ...[...Array(32).keys()]
      .map((bit) => 2 ** bit)
      .filter((bit) => (CLONE_NEW & bit) !== 0)
      .map((bit) => ({
        names: ["clone"],
        action: "SCMP_ACT_ERRNO",
        errnoRet: 1,
        args: [
          { index: 0, value: bit, valueTwo: bit, op: "SCMP_CMP_MASKED_EQ" },
        ],
      })),
  ],
};

/** What of Docker's defaults is in force. */
export interface Restrictions {
  readonly masks: boolean;
  readonly filter: boolean;
}

/** The arguments are put in by the script. */
const ARGUMENTS = "@ARGUMENTS@";

function configOf({ masks, filter }: Restrictions): object {
  const mounts = [
    { destination: "/proc", type: "proc", source: "proc" },
    {
      destination: "/dev",
      type: "tmpfs",
      source: "tmpfs",
      options: ["nosuid", "strictatime", "mode=755"],
    },
    {
      destination: "/dev/pts",
      type: "devpts",
      source: "devpts",
      options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666"],
    },
    {
      destination: "/sys",
      type: "sysfs",
      source: "sysfs",
      options: ["nosuid", "noexec", "nodev", "ro"],
    },
  ];
  return {
    ociVersion: "1.0.2",
    process: {
      terminal: false,
      user: { uid: 0, gid: 0 },
      args: [ARGUMENTS],
      env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
      cwd: "/",
      capabilities: {
        bounding: CAPABILITIES,
        effective: CAPABILITIES,
        permitted: CAPABILITIES,
      },
    },
    root: { path: "root", readonly: true },
    mounts,
    linux: {
      namespaces: ["pid", "ipc", "uts", "mount", "network"].map((type) => ({
        type,
      })),
      maskedPaths: masks ? MASKED : [],
      readonlyPaths: masks ? READ_ONLY : [],
      ...(filter ? { seccomp: FILTER } : {}),
    },
  };
}

/** A container whose first process is the rest; it ends with whoever started it. */
export function container(restrictions: Restrictions): readonly string[] {
  const bundle = makeRoom({ root: {}, state: {} });
  const config = JSON.stringify(configOf(restrictions));
  writeFileSync(join(bundle, "config.in"), config);
  const script = `
set -e
cd "$1"; name=$2; shift 2
mount -t proc none /proc
mount --bind / root
words=
for word; do words="$words,\\"$word\\""; done
sed "s#\\"${ARGUMENTS}\\"#\${words#,}#" config.in > config.json
exec runc --root "$PWD/state" run "$name"`;
  const own = "unshare --mount --propagation private --pid --fork --kill-child";
  const name = `selfdock-${Math.random().toString(36).slice(2)}`;
  return own.split(" ").concat("sh", "-c", script, "container", bundle, name);
}
