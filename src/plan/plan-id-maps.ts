/**
 * The child's identity at its start. Rootless: the caller's own ids are mapped,
 * to themselves or (`--as-root`) to 0, and no others but those that the host's
 * newuidmap and newgidmap let the caller have; the process is not traceable any
 * more from then on. user_namespaces(7).
 */

import { writeFile } from "../../syscalls/calls/files.ts";
import { setDumpable } from "../../syscalls/calls/identity.ts";
import { jumpIf } from "../../syscalls/control.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import { addressOf } from "../../syscalls/program.ts";
import type { Data } from "../../syscalls/program.ts";
import type { Instance } from "./instance.ts";
import { DIGITS } from "./plan-decimal.ts";
import type { Decimal } from "./plan-decimal.ts";
import { subordinateIds } from "./plan-id-helpers.ts";

export function planIdMaps(instance: Instance): void {
  const { p, asRoot, facts, caller, umask } = instance;
  p.part(
    "give files the modes that are asked for",
    () => void p.call("umask", [0], { result: umask }),
  );
  if (facts.mode === "privileged") return;
  p.part("map the caller's own ids", () => {
    if (subordinateIds(instance) === null) {
      writeFile(p, "/proc/self/setgroups", "deny");
      writeFile(p, "/proc/self/uid_map", planRow(instance, caller.uidText));
      writeFile(p, "/proc/self/gid_map", planRow(instance, caller.gidText));
    }
    if (asRoot) planRootCheck(instance);
    setDumpable(p, false);
  });
}

/** One id, inside (0 for `--as-root`) and outside; the kernel passes over zeros in front. */
function planRow({ p, asRoot }: Instance, { digits }: Decimal): Data {
  const zero = "0".repeat(DIGITS);
  const row = p.buffer("{ID ID 1}", Buffer.from(`${zero} ${zero} 1`, "latin1"));
  if (!asRoot) p.control("copy", [row, digits, DIGITS]);
  p.control("copy", [addressOf(row, DIGITS + 1), digits, DIGITS]);
  return row;
}

/** Whatever mapped the ids: the caller is root inside, or there is no instance. */
function planRootCheck({ p }: Instance): void {
  for (const [call, subject] of [
    ["geteuid", "uid 0 inside is not the caller"],
    ["getegid", "gid 0 inside is not the caller's"],
  ] as const) {
    const [id, fine] = [p.slot("id inside"), p.label("root inside")];
    p.call(call, [], { result: id });
    jumpIf(p, [id, "==", 0], fine);
    p.fail(ERRNO.EPERM, subject);
    p.place(fine);
  }
}
