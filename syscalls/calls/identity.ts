/** Who the process is and what it may do. Each call acts on the calling thread alone. */

import type { CallOptions, ProgramBuilder } from "../builder.ts";
import { CAP, CAPABILITY_VERSION_3 } from "../constants/capabilities.table.ts";
import { PR, PR_CAP_AMBIENT } from "../constants/prctl.table.ts";
import { SECCOMP, SECCOMP_FILTER_FLAG } from "../constants/seccomp.table.ts";
import { compute, jump, jumpIf, loop, set, when } from "../control.ts";
import { ERRNO } from "../errno.table.ts";
import { shown } from "../program.ts";
import type { Data, Operand } from "../program.ts";
import { encodeStruct } from "../struct.ts";
import {
  CAP_USER_DATA,
  CAP_USER_HEADER,
  SOCK_FILTER,
  SOCK_FPROG,
} from "../structs.ts";
import { flag, named } from "./operands.ts";

const UNCHANGED = shown(-1, "-1");

/** `setresuid(-1, uid, -1)`: what the kernel asks when it checks access, capabilities included. */
export function setEffectiveUser(p: ProgramBuilder, uid: Operand): void {
  p.call("setresuid", [UNCHANGED, uid, UNCHANGED]);
}

/** `setresuid(uid, -1, -1)`: whose processes this one counts among, and who may signal it. */
export function setRealUser(p: ProgramBuilder, uid: Operand): void {
  p.call("setresuid", [uid, UNCHANGED, UNCHANGED]);
}

/** `setresuid(uid, uid, uid)`: for good, unless one of them is 0. */
export function setAllUsers(p: ProgramBuilder, uid: Operand): void {
  p.call("setresuid", [uid, uid, uid]);
}

/** PR_SET_NO_NEW_PRIVS: no execve gains anything from here on. */
export function setNoNewPrivileges(p: ProgramBuilder): void {
  p.call("prctl", [named("PR", PR, "SET_NO_NEW_PRIVS"), 1, 0, 0, 0]);
}

/** PR_SET_DUMPABLE: whether a process of the same user may trace and read this one. */
export function setDumpable(
  p: ProgramBuilder,
  dumpable: boolean,
  options: CallOptions = {},
): void {
  const operation = named("PR", PR, "SET_DUMPABLE");
  p.call("prctl", [operation, dumpable ? 1 : 0, 0, 0, 0], options);
}

/** Takes every capability but those kept out of the bounding set, up to the last that the kernel knows. */
export function dropBoundingSet(
  p: ProgramBuilder,
  keep: readonly number[] = [],
): void {
  const [capability, dropped] = [p.slot("capability"), p.slot("dropped")];
  const drop = named("PR", PR, "CAPBSET_DROP");
  set(p, capability, 0);
  loop(p, "bounding set", (leave, again) => {
    const [next, last] = [p.label("next capability"), p.label("no such one")];
    for (const kept of keep) jumpIf(p, [capability, "==", kept], next);
    p.call("prctl", [drop, capability, 0, 0, 0], {
      result: dropped,
      failure: last,
    });
    p.place(next);
    compute(p, capability, [capability, "+", 1]);
    jump(p, again);
    p.place(last);
    // Every kernel that selfdock runs on knows at least these.
    const known = p.label("the last is dropped");
    when(p, [dropped, "==", -ERRNO.EINVAL], () =>
      jumpIf(p, [CAP.CHECKPOINT_RESTORE, "below", capability], known),
    );
    p.fail(ERRNO.EPERM, "the bounding set");
    p.place(known);
    jump(p, leave);
  });
}

/** Empties the ambient set. */
export function clearAmbientSet(p: ProgramBuilder): void {
  const clear = named("PR_CAP_AMBIENT", PR_CAP_AMBIENT, "CLEAR_ALL");
  p.call("prctl", [named("PR", PR, "CAP_AMBIENT"), clear, 0, 0, 0]);
}

/** capset(2): effective and permitted become the numbered capabilities, inheritable none. */
export function setCapabilities(
  p: ProgramBuilder,
  keep: readonly number[] = [],
): void {
  const bits = keep.reduce((all, number) => all | (1n << BigInt(number)), 0n);
  const low = bits & 0xffff_ffffn;
  const high = bits >> 32n;
  const sets = {
    effective: low,
    permitted: low,
    effective_high: high,
    permitted_high: high,
  };
  const data = p.constant(
    `{capabilities: 0x${bits.toString(16)}}`,
    encodeStruct(CAP_USER_DATA, sets),
  );
  writeCapabilities(p, data);
}

/** The capability sets of this process, as capset(2) takes them, to be changed or to be gone back to. */
export function readCapabilities(p: ProgramBuilder, name: string): Data {
  const sets = p.buffer(name, CAP_USER_DATA.size);
  p.call("capget", [capabilityHeader(p), sets]);
  return sets;
}

/** capset(2) with sets that were read. */
export function writeCapabilities(p: ProgramBuilder, sets: Data): void {
  p.call("capset", [capabilityHeader(p), sets]);
}

function capabilityHeader(p: ProgramBuilder): Data {
  const version = { version: CAPABILITY_VERSION_3 };
  return p.buffer("capability header", encodeStruct(CAP_USER_HEADER, version));
}

/** seccomp(2) with a filter of classic BPF instructions; speculation stays as it is. */
export function setFilter(
  p: ProgramBuilder,
  name: string,
  instructions: Uint8Array,
): void {
  const filter = p.constant(`{${name}}`, instructions);
  const program = p.constant(
    `{${name}: ${instructions.length / SOCK_FILTER.size} instructions}`,
    encodeStruct(SOCK_FPROG, { len: instructions.length / SOCK_FILTER.size }),
    [{ at: SOCK_FPROG.fields.filter.offset, to: filter }],
  );
  const flags = flag("SECCOMP_FILTER_FLAG", SECCOMP_FILTER_FLAG.SPEC_ALLOW);
  p.call("seccomp", [
    named("SECCOMP", SECCOMP, "SET_MODE_FILTER"),
    flags,
    program,
  ]);
}
