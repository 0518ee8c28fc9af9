/** Processes: clone3(2), execve(2), signals and limits. */

import type { ProgramBuilder } from "../builder.ts";
import { describeFlags, union } from "../flags.ts";
import type { Flags } from "../flags.ts";
import { CLONE } from "../constants/clone.table.ts";
import { P, WAIT } from "../constants/wait.table.ts";
import { RLIM_INFINITY } from "../constants/process.table.ts";
import { PR } from "../constants/prctl.table.ts";
import { SIG_HANDLER, SIG_HOW, SIGNAL } from "../constants/signals.table.ts";
import { loadField, store } from "../control.ts";
import { addressOf, shown } from "../program.ts";
import type { Data, Label, Operand, Slot } from "../program.ts";
import { encodeStruct } from "../struct.ts";
import {
  CLONE_ARGS,
  POLLFD,
  RLIMIT64,
  SIGACTION,
  SIGINFO,
} from "../structs.ts";
import { named, NULL } from "./operands.ts";

/** The size in bytes of the kernel's signal sets. */
export const SIGNAL_SET_SIZE = 8;

/** `clone3({flags, exit_signal})`: 0 in the child, its id in the parent. Linux 5.5 for CLEAR_SIGHAND. */
export function cloneProcess(
  p: ProgramBuilder,
  flags: Flags<"CLONE"> | Slot,
  result: Slot,
): void {
  const args =
    typeof flags === "number"
      ? p.constant(
          () => `{${describeFlags("CLONE", flags)}, SIGCHLD}`,
          encodeStruct(CLONE_ARGS, { flags, exit_signal: SIGNAL.CHLD }),
        )
      : p.buffer(
          `{${flags.name}, SIGCHLD}`,
          encodeStruct(CLONE_ARGS, { exit_signal: SIGNAL.CHLD }),
        );
  if (typeof flags !== "number") store(p, 8, [addressOf(args), 0], flags);
  p.call("clone3", [args, CLONE_ARGS.size], { result });
}

/** The same for a child of the caller's parent, which gets the caller's own end signal. */
export function cloneSibling(
  p: ProgramBuilder,
  flags: Flags<"CLONE">,
  result: Slot,
): void {
  const all = union(flags, CLONE.PARENT);
  const args = p.constant(
    () => `{${describeFlags("CLONE", all)}}`,
    encodeStruct(CLONE_ARGS, { flags: all }),
  );
  p.call("clone3", [args, CLONE_ARGS.size], { result });
}

/** Waits for a child's end: its si_code and si_status. */
export function waitForEnd(
  p: ProgramBuilder,
  child: Operand,
  { code, status }: { code: Slot; status: Slot },
): void {
  const info = p.buffer(`end of the ${code.name}`, SIGINFO.size);
  p.call("waitid", [named("P", P, "PID"), child, info, WAIT.EXITED, NULL]);
  loadField(p, code, [SIGINFO, "code"], info);
  loadField(p, status, [SIGINFO, "status"], info);
}

/**
 * The same without CLONE_VFORK and a stack: both go on at once on the same
 * memory, so that a result in memory is neither's. The kernel writes the
 * child's id to `child` before it runs (CLONE_PARENT_SETTID); which of the two
 * a process is, only a call that fails tells it: the parent has a child to wait
 * for, and the child (ECHILD) goes to `inChild`.
 */
export function cloneBeside(
  p: ProgramBuilder,
  flags: Flags<"CLONE">,
  { child, inChild }: { child: Slot; inChild: Label },
): void {
  const all = union(flags, CLONE.VM, CLONE.PARENT_SETTID);
  const args = p.constant(
    () => `{${describeFlags("CLONE", all)}, SIGCHLD, &child}`,
    encodeStruct(CLONE_ARGS, { flags: all, exit_signal: SIGNAL.CHLD }),
    [{ at: CLONE_ARGS.fields.parent_tid.offset, to: addressOf(child) }],
  );
  p.call("clone3", [args, CLONE_ARGS.size]);
  const look = shown(
    union(WAIT.EXITED, WAIT.NOHANG, WAIT.NOWAIT),
    "WEXITED|WNOHANG|WNOWAIT",
  );
  p.call("waitid", [named("P", P, "ALL"), 0, NULL, look, NULL], {
    failure: inChild,
  });
}

/** `execve(path, arguments, environment)`: goes on only if it fails. */
export function execute(
  p: ProgramBuilder,
  [path, argv, environment]: readonly [Operand, Operand, Operand],
  options: { result: Slot; failure: Label; subject?: string },
): void {
  p.call("execve", [path, argv, environment], options);
}

/** Ends the whole process with a status of 0 to 255. */
export function exitProcess(p: ProgramBuilder, status: Operand): void {
  p.call("exit_group", [status], { failure: "continue" });
}

/** PR_SET_PDEATHSIG: SIGKILL when the thread that cloned this process ends. Every change of ids clears it. */
export function dieWithParent(p: ProgramBuilder): void {
  p.call("prctl", [
    named("PR", PR, "SET_PDEATHSIG"),
    shown(SIGNAL.KILL, "SIGKILL"),
    0,
    0,
    0,
  ]);
}

/** Goes to `dead` if nobody holds the other end of the pipe any more. poll(2) without waiting. */
export function checkAlive(p: ProgramBuilder, pipe: Slot, dead: Label): void {
  const descriptors = p.buffer("launcher's pipe", encodeStruct(POLLFD, {}));
  const hungUp = p.slot("launcher has ended");
  store(p, 4, [addressOf(descriptors), POLLFD.fields.fd.offset], pipe);
  p.call("poll", [descriptors, 1, 0], { result: hungUp });
  p.control("jumpNotEqual", [hungUp, 0], { target: dead });
}

/** The default or no action for a signal. */
export function setSignalAction(
  p: ProgramBuilder,
  signal: Operand,
  action: "DFL" | "IGN",
): void {
  const handler = p.constant(
    `{SIG_${action}}`,
    encodeStruct(SIGACTION, { handler: SIG_HANDLER[action] }),
  );
  p.call("rt_sigaction", [signal, handler, NULL, SIGNAL_SET_SIZE]);
}

/** As a mask: bit n-1 is signal n. */
export const EVERY_SIGNAL = 2n ** 64n - 1n;

/** Sets the blocked signals; bit n-1 is signal n. */
export function setSignalMask(p: ProgramBuilder, mask: bigint): void {
  const bytes = new Uint8Array(SIGNAL_SET_SIZE);
  new DataView(bytes.buffer).setBigUint64(0, mask, true);
  restoreSignalMask(p, p.constant(`{0x${mask.toString(16)}}`, bytes));
}

/** Sets the blocked signals as they stand at an address. */
export function restoreSignalMask(p: ProgramBuilder, set: Operand): void {
  p.call("rt_sigprocmask", [
    named("SIG", SIG_HOW, "SETMASK"),
    set,
    NULL,
    SIGNAL_SET_SIZE,
  ]);
}

/** A struct rlimit64. */
export function limitStruct(
  p: ProgramBuilder,
  limit: { readonly soft: bigint; readonly hard: bigint },
): Data {
  return p.constant(
    `{${showLimit(limit.soft)}, ${showLimit(limit.hard)}}`,
    encodeStruct(RLIMIT64, { cur: limit.soft, max: limit.hard }),
  );
}

function showLimit(value: bigint): string {
  return value === RLIM_INFINITY ? "unlimited" : String(value);
}

/** prlimit64(2) of the caller itself: RLIMIT's number, and the address of a struct rlimit64. */
export function setLimit(
  p: ProgramBuilder,
  resource: Operand,
  limit: Operand,
): void {
  p.call("prlimit64", [0, resource, limit, NULL]);
}
