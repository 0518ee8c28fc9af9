/**
 * Whether the caller may enter, and what is joined: asked of the kernel by a
 * process that is the caller and nothing else.
 *
 * Security model. Who could trace the instance's process (the kernel's check
 * for PTRACE_MODE_ATTACH, by ids, capabilities, dumpability and security
 * modules) could make it do whatever is done here: to enter is no more. The
 * question must not be asked with a right of ours, so a process of its own asks
 * it, which has given up the saved root and every capability before. Root as the
 * caller asks with root's own rights.
 *
 * Where the instance was made with root's privilege, that privilege is needed to
 * join it, so more is asked: each namespace must be owned by the user namespace
 * that the machine started with (no user can make one that is), and the mount
 * namespace must be the one whose mounts showed that selfdock had made it (no
 * user can mount in it). What root has made for the user by other means (a
 * container's processes may be the user's too) is thus never joined, whoever its
 * processes' parents are.
 *
 * Everything is asked of one process descriptor; where the kernel has no calls
 * for that, by the process's number, and the descriptor tells at the end that
 * the number was the same process's all the time.
 */

import type { ProgramBuilder } from "../../../syscalls/builder.ts";
import { openFile, statPlace } from "../../../syscalls/calls/files.ts";
import {
  setAllUsers,
  setCapabilities,
} from "../../../syscalls/calls/identity.ts";
import { named, WORKING_DIRECTORY } from "../../../syscalls/calls/operands.ts";
import { NS_GET, PIDFD_GET } from "../../../syscalls/constants/clone.table.ts";
import { O } from "../../../syscalls/constants/open.table.ts";
import { POLL } from "../../../syscalls/constants/poll.table.ts";
import { jump, jumpIf, tolerate } from "../../../syscalls/control.ts";
import { ERRNO } from "../../../syscalls/errno.table.ts";
import { addressOf, shown } from "../../../syscalls/program.ts";
import type { Slot } from "../../../syscalls/program.ts";
import { encodeStruct } from "../../../syscalls/struct.ts";
import { IOVEC, POLLFD } from "../../../syscalls/structs.ts";
import type { Instance } from "../instance.ts";
import { isElevated } from "../plan-clone.ts";
import type { NamespaceName, Target } from "./target.ts";

/** PROC_USER_INIT_INO: the inode of the user namespace that the machine started with. */
const INITIAL = shown(0xefff_fffd, "the machine's own");

/** The descriptors of the namespaces. */
export type Namespaces = ReadonlyMap<NamespaceName, Slot>;

/** The steps of the process that asks; it shares the launcher's descriptors. */
export function planPermission(instance: Instance, target: Target): Namespaces {
  const { p, facts, caller } = instance;
  if (isElevated(instance))
    p.part("be the caller and nothing else", () => {
      setAllUsers(p, caller.uid);
      setCapabilities(p);
    });
  const namespaces = planNamespaces(p, target);
  if (facts.mode === "privileged") planOrigin(instance, target, namespaces);
  p.part("trace the instance, as entering takes", () => {
    const [allowed, result] = [p.label("it may be traced"), p.slot("traced")];
    const byte = p.buffer("byte", 1);
    const here = p.constant("{byte}", encodeStruct(IOVEC, { len: 1 }), [
      { at: IOVEC.fields.base.offset, to: addressOf(byte) },
    ]);
    // Nothing is at address 0: who may read finds a fault.
    const there = p.constant("{NULL}", encodeStruct(IOVEC, { len: 1 }));
    const errnos = [ERRNO.EFAULT];
    tolerate(p, { result, errnos, then: allowed }, (options) =>
      p.call("process_vm_readv", [target.pid, here, 1, there, 1, 0], options),
    );
    p.place(allowed);
  });
  planAlive(p, target);
  return namespaces;
}

/** Opens them with the caller's rights. */
function planNamespaces(p: ProgramBuilder, target: Target): Namespaces {
  const { pid, descriptor, namespaces } = target;
  return p.part("open the instance's namespaces", () => {
    const opened = namespaces.map((name) => {
      const slot = p.slot(`${name} namespace`);
      const [older, known] = [p.label("by its number"), p.label("open")];
      const request =
        `${name.toUpperCase() as Uppercase<NamespaceName>}_NAMESPACE` as const;
      p.call("ioctl", [descriptor, named("PIDFD_GET", PIDFD_GET, request), 0], {
        result: slot,
        failure: older,
      });
      jump(p, known);
      p.place(older);
      const path = `/proc/${pid}/ns/${name}`;
      openFile(p, [WORKING_DIRECTORY, p.text(path)], O.RDONLY, {
        result: slot,
        subject: JSON.stringify(path),
      });
      p.place(known);
      return [name, slot] as const;
    });
    return new Map(opened);
  });
}

/** Whether selfdock has made them. */
function planOrigin(
  { p, stat }: Instance,
  { mountNamespace }: Target,
  namespaces: Namespaces,
): void {
  p.part("see that selfdock made the instance's namespaces", () => {
    const [owner, inode] = [p.slot("owner"), p.slot("inode")];
    for (const [name, slot] of namespaces) {
      const fine = p.label(`${name} namespace is root's`);
      const ask = named("NS_GET", NS_GET, "USERNS");
      p.call("ioctl", [slot, ask, 0], { result: owner, subject: name });
      statPlace(p, owner, { buffer: stat, fields: { ino: inode } });
      p.call("close", [owner]);
      jumpIf(p, [inode, "==", INITIAL], fine);
      p.fail(ERRNO.EPERM, `its ${name} namespace is of a user's making`);
      p.place(fine);
    }
    const same = p.label("the mount namespace that was looked at");
    const mounts = namespaces.get("mnt");
    if (mounts === undefined || mountNamespace === null)
      throw new RangeError("an instance without mounts");
    statPlace(p, mounts, { buffer: stat, fields: { ino: inode } });
    jumpIf(p, [inode, "==", mountNamespace], same);
    p.fail(ERRNO.EPERM, "it has changed its mount namespace");
    p.place(same);
  });
}

/** Its descriptor is readable once it has ended, however soon its number is another's. */
function planAlive(p: ProgramBuilder, { descriptor }: Target): void {
  p.part("see that the instance still runs", () => {
    const polled = p.buffer(
      "instance's process",
      encodeStruct(POLLFD, { fd: descriptor, events: POLL.IN }),
    );
    const [ended, runs] = [p.slot("it has ended"), p.label("it runs")];
    p.call("poll", [polled, 1, 0], { result: ended });
    jumpIf(p, [ended, "==", 0], runs);
    p.fail(ERRNO.ESRCH, "the instance");
    p.place(runs);
  });
}
