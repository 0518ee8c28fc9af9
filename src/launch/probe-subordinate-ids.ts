/**
 * What of newuidmap, newgidmap and subordinate ids this host has for the caller.
 * Nothing that is read here decides about access: the two programs do.
 */

import { lstatSync, readFileSync } from "node:fs";
import type { Bytes } from "../plan/bytes.ts";
import { bytesFrom } from "../plan/bytes.ts";
import { ID_HELPERS } from "../plan/plan-id-helpers.ts";
import { parseLogins, parseRanges } from "../plan/subordinate-ids.ts";
import type { SubordinateIds } from "../plan/subordinate-ids.ts";
import type { Handover } from "./read-handover.ts";

export function probeSubordinateIds({
  uid,
  gid,
}: Pick<Handover, "uid" | "gid">): SubordinateIds {
  if (/^NoNewPrivs:\t1$/m.test(read("/proc/self/status")))
    return {
      missing: "nothing can gain privilege here, as inside an instance",
    };
  for (const path of Object.values(ID_HELPERS)) {
    const trouble = troubleWith(path);
    if (trouble !== null) return { missing: trouble };
  }
  const owners = [String(uid), ...parseLogins(read("/etc/passwd"), uid)];
  const users = parseRanges(read("/etc/subuid"), owners, uid);
  const groups = parseRanges(read("/etc/subgid"), owners, gid);
  if (users.length === 0 || groups.length === 0)
    return {
      missing: `/etc/${users.length === 0 ? "subuid" : "subgid"} has no ids for you`,
    };
  return { users, groups };
}

/** A program that somebody but root can change is not run. */
function troubleWith(path: string): string | null {
  try {
    const { uid, mode } = lstatSync(path);
    if (uid === 0 && (mode & 0o170022) === 0o100000) return null;
    return `${path} is not root's alone`;
  } catch {
    return `there is no ${path} (on Debian in the package uidmap)`;
  }
}

function read(path: string): Bytes {
  try {
    return bytesFrom(readFileSync(path));
  } catch {
    return "" as Bytes;
  }
}
