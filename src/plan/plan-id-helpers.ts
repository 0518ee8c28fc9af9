/**
 * `--as-root` with subordinate ids: the launcher runs newuidmap and newgidmap on
 * its child, which waits for that. Security model: the two are the host's own
 * setuid programs, from fixed paths, with an empty environment and no descriptor
 * above 2; they decide what this user may map. The launcher has no privilege.
 *
 * The launcher cannot sleep in CLONE_VFORK meanwhile, so it and the child play
 * at the same time on the same memory: each writes slots of its own, and the
 * launcher sleeps in a read of the init's pipe until the child has memory of its
 * own, or has ended.
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { closeRange } from "../../syscalls/calls/files.ts";
import { named, NULL } from "../../syscalls/calls/operands.ts";
import {
  cloneProcess,
  execute,
  exitProcess,
  setSignalMask,
} from "../../syscalls/calls/processes.ts";
import { CLONE } from "../../syscalls/constants/clone.table.ts";
import { LAST_DESCRIPTOR } from "../../syscalls/constants/open.table.ts";
import { CLD, P, WAIT } from "../../syscalls/constants/wait.table.ts";
import { compute, jump, jumpIf, loadField } from "../../syscalls/control.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import { union } from "../../syscalls/flags.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Data, Label, Slot } from "../../syscalls/program.ts";
import { SIGINFO } from "../../syscalls/structs.ts";
import type { Instance } from "./instance.ts";
import { planDecimal } from "./plan-decimal.ts";
import { idMapRows } from "./subordinate-ids.ts";
import type { IdRange } from "./subordinate-ids.ts";

/** The programs' fixed places. */
export const ID_HELPERS = {
  users: "/usr/bin/newuidmap",
  groups: "/usr/bin/newgidmap",
} as const;

/** The ids that are mapped by the helpers, or null where the child maps its own. */
export function subordinateIds({ asRoot, facts }: Instance): {
  readonly users: readonly IdRange[];
  readonly groups: readonly IdRange[];
} | null {
  const { subordinate } = facts;
  return asRoot && subordinate !== null && "users" in subordinate
    ? subordinate
    : null;
}

/** The child's side: it goes on when the launcher says so, or to `dead`. */
export function planWaitForIds(
  instance: Instance,
  launcher: Slot,
  dead: Label,
): void {
  const { p } = instance;
  if (subordinateIds(instance) === null) return;
  const said = p.slot("the ids are mapped");
  const byte = p.buffer("word of the launcher", 1);
  p.call("read", [launcher, byte, 1], { result: said });
  jumpIf(p, [said, "!=", 1], dead);
}

/** The launcher's side. Where it fails the child's wait ends without a word. */
export function planMappingIds(
  instance: Instance,
  { child, lifeline }: { child: Slot; lifeline: Slot },
): void {
  const { p, facts } = instance;
  const ids = subordinateIds(instance);
  if (ids === null) return;
  const { uid, gid } = facts.caller;
  const [none, failed] = [
    p.label("no child"),
    p.label("the ids are not mapped"),
  ];
  const done = p.label("the child knows");
  jumpIf(p, [child, "<", 1], none);
  p.faultsTo(failed, () => {
    const pid = planDecimal(p, child).text;
    p.part("map the caller's subordinate user ids", () =>
      planHelper(p, {
        path: ID_HELPERS.users,
        own: uid,
        ranges: ids.users,
        pid,
      }),
    );
    p.part("map the caller's subordinate group ids", () =>
      planHelper(p, {
        path: ID_HELPERS.groups,
        own: gid,
        ranges: ids.groups,
        pid,
      }),
    );
    p.call("write", [lifeline, p.text("!"), 1]);
  });
  jump(p, done);
  p.place(failed);
  p.call("close", [lifeline], { failure: "continue" });
  p.place(done);
  p.place(none);
}

interface Helper {
  readonly path: string;
  readonly own: number;
  readonly ranges: readonly IdRange[];
  /** The address of the child's process id as text. */
  readonly pid: Slot;
}

function planHelper(
  p: ProgramBuilder,
  { path, own, ranges, pid }: Helper,
): void {
  const argv = planArguments(p, { path, own, ranges, pid });
  const [helper, code, status] = [
    p.slot("helper"),
    p.slot("what became of the helper"),
    p.slot("status of the helper"),
  ];
  const [started, refused, fine] = [
    p.label("the helper has started"),
    p.label("the helper did not start"),
    p.label("the ids are mapped"),
  ];
  cloneProcess(p, union(CLONE.VM, CLONE.VFORK, CLONE.CLEAR_SIGHAND), helper);
  jumpIf(p, [helper, "!=", 0], started);
  p.faultsTo(refused, () => {
    closeRange(p, [3, shown(LAST_DESCRIPTOR, "~0")]);
    setSignalMask(p, 0n);
    const environment = p.constant("{}", new Uint8Array(8));
    const result = p.slot("result of execve");
    execute(p, [p.text(path), argv, environment], { result, failure: refused });
  });
  p.place(refused);
  exitProcess(p, 127);
  p.place(started);
  const info = p.buffer("helper's end", SIGINFO.size);
  p.call("waitid", [named("P", P, "PID"), helper, info, WAIT.EXITED, NULL]);
  loadField(p, code, [SIGINFO, "code"], info);
  loadField(p, status, [SIGINFO, "status"], info);
  compute(p, code, [code, "-", CLD.EXITED]);
  compute(p, status, [status, "|", code]);
  jumpIf(p, [status, "==", 0], fine);
  p.fail(ERRNO.EPERM, `"${path}"`);
  p.place(fine);
}

/** `newuidmap PID 0 1000 1 1 100000 65536`. */
function planArguments(
  p: ProgramBuilder,
  { path, own, ranges, pid }: Helper,
): Data {
  const numbers = idMapRows(own, ranges).flat();
  const texts = [path, "", ...numbers.map(String)].map((text) => p.text(text));
  const argv = p.buffer(
    () => `{${path}, PID, ${numbers.join(", ")}}`,
    new Uint8Array(8 * (texts.length + 1)),
    texts.map((to, index) => ({ at: 8 * index, to })),
  );
  p.control("store8", [addressOf(argv), 8, pid]);
  return argv;
}
