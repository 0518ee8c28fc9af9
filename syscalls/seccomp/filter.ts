/**
 * The seccomp filter of an instance.
 *
 * Security model. The boundary is namespaces, mounts and missing privilege; the
 * filter closes what those leave open, no more:
 * - TIOCSTI and TIOCLINUX: the terminal stays shared with the caller, and with
 *   these an instance could type into the caller's shell. The kernel takes the
 *   request as 32 bits, so only those are compared: with the high word too,
 *   `request | 1 << 32` would pass. (Offset 24 is the low word only on
 *   little-endian machines, the only ones that this is for.)
 * - keyctl, add_key, request_key: keyrings belong to no namespace, so the
 *   caller's keys would be within reach.
 * - x32 and foreign calling conventions: their numbers mean other calls.
 * All else is allowed, so a call that is yet to be invented is too. An
 * architecture that is not known is refused whole: it fails closed.
 *
 * Answers. EPERM for what exists and is forbidden: so the kernel itself answers
 * these requests on a terminal that is not the caller's, and so container
 * runtimes answer calls for keys, which callers (PAM, systemd, Kerberos) have
 * learnt to do without. ENOSYS for x32 and unknown architectures: just what a
 * kernel answers that is built without them.
 *
 * Speed. But for ioctl the verdict hangs on `arch` and `nr` alone, compared
 * with constants; for such calls the kernel (Linux 5.11) works out once that
 * the answer is always "allow" and then does not run the filter at all.
 */

import { SYSCALL } from "../arch/x86_64/numbers.table.ts";
import { AUDIT_ARCH, SECCOMP_RET } from "../constants/seccomp.table.ts";
import { TIOC } from "../constants/terminal.table.ts";
import { ERRNO } from "../errno.table.ts";
import {
  assemble,
  type Instruction,
  jumpIf,
  label,
  load,
  ret,
} from "./assemble.ts";

/**
 * Set in `nr` for x32 calls. Numbers from it on include -1 and its like, which
 * are ENOSYS anyhow. The x32 numbers 512 to 547 without the bit are no calls
 * since Linux 5.4.
 */
const X32_BIT = 0x4000_0000;

/** System calls of i386, as asm/unistd_32.h numbers them: 32-bit programs go on working. */
const I386 = {
  ioctl: 54,
  add_key: 286,
  keyctl: 288,
  setns: 346,
  pidfd_getfd: 438,
} as const;

/** The three calls for keys stand side by side on either architecture. */
const program = (joining: boolean): readonly Instruction[] => [
  load("arch"),
  jumpIf("equal", AUDIT_ARCH.X86_64, "x86-64"),
  jumpIf("equal", AUDIT_ARCH.I386, "i386"),
  ret(SECCOMP_RET.ERRNO | ERRNO.ENOSYS),

  label("i386"),
  load("nr"),
  jumpIf("equal", I386.ioctl, "ioctl"),
  jumpIf("equal", I386.pidfd_getfd, "refuse"),
  ...(joining ? [] : [jumpIf("equal", I386.setns, "refuse")]),
  jumpIf("greater", I386.keyctl, "allow"),
  jumpIf("greaterOrEqual", I386.add_key, "refuse"),
  ret(SECCOMP_RET.ALLOW),

  label("x86-64"),
  load("nr"),
  jumpIf("greaterOrEqual", SYSCALL.add_key, "keys and above"),
  jumpIf("equal", SYSCALL.ioctl, "ioctl"),
  ret(SECCOMP_RET.ALLOW),

  label("ioctl"),
  load("arg1"),
  jumpIf("equal", TIOC.STI, "refuse"),
  jumpIf("equal", TIOC.LINUX, "refuse"),
  ret(SECCOMP_RET.ALLOW),

  label("keys and above"),
  jumpIf("greaterOrEqual", X32_BIT, "no such call"),
  jumpIf("equal", SYSCALL.pidfd_getfd, "refuse"),
  ...(joining ? [] : [jumpIf("equal", SYSCALL.setns, "refuse")]),
  jumpIf("greater", SYSCALL.keyctl, "allow"),
  label("refuse"),
  ret(SECCOMP_RET.ERRNO | ERRNO.EPERM),
  label("allow"),
  ret(SECCOMP_RET.ALLOW),
  label("no such call"),
  ret(SECCOMP_RET.ERRNO | ERRNO.ENOSYS),
];

/**
 * The filter as an array of struct sock_filter. `joining`: setns is allowed;
 * without a user namespace of its own an instance could join, by a pidfd that a
 * socket hands out, what the caller's other processes live in.
 */
export function instanceFilter({ joining }: { joining: boolean }): Uint8Array {
  return assemble(program(joining));
}
