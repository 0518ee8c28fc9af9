/** What a process may do, in words, from the texts of its files in /proc. Pure. proc_pid_status(5), proc_pid_limits(5). */

import { CAP } from "../../syscalls/constants/capabilities.table.ts";
import type { Bytes } from "./bytes.ts";

export interface ProcessRights {
  /** As they are outside, and how they are mapped where that is not as they are. */
  readonly ids: readonly string[];
  /** Of all sets. */
  readonly capabilities: readonly string[];
  readonly noNewPrivileges: boolean;
  /** How many seccomp filters there are. */
  readonly filters: number;
  /** Those that bound something: `open files 1024 to 4096`. */
  readonly limits: readonly string[];
}

export function parseRights(texts: {
  readonly status: Bytes;
  readonly limits: Bytes;
  readonly uidMap: Bytes;
  readonly gidMap: Bytes;
}): ProcessRights {
  const { status, limits, uidMap, gidMap } = texts;
  const own = (name: string) => fieldOf(status, name).split("\t")[0]!;
  const groups = fieldOf(status, "Groups").trim();
  const bits = ["CapPrm", "CapInh", "CapBnd", "CapAmb"].reduce(
    (all, name) => all | BigInt(`0x${fieldOf(status, name) || "0"}`),
    0n,
  );
  return {
    ids: [
      `uid ${own("Uid")}, gid ${own("Gid")}${groups === "" ? "" : `, groups ${groups}`}`,
      ...mappedIds(uidMap).map((text) => `uid ${text}`),
      ...mappedIds(gidMap).map((text) => `gid ${text}`),
    ],
    capabilities: Object.entries(CAP)
      .filter(([, number]) => ((bits >> BigInt(number)) & 1n) === 1n)
      .map(([name]) => name),
    noNewPrivileges: fieldOf(status, "NoNewPrivs") === "1",
    filters: Number(fieldOf(status, "Seccomp_filters") || "0"),
    limits: boundingLimits(limits),
  };
}

function fieldOf(text: string, name: string): string {
  return new RegExp(`^${name}:[ \t]*(.*)$`, "m").exec(text)?.[1] ?? "";
}

/** user_namespaces(7): rows of the first id inside, the first outside, and how many. */
function mappedIds(map: string): readonly string[] {
  return map
    .trim()
    .split("\n")
    .map((row) => row.trim().split(/\s+/))
    .filter(([inside, outside]) => inside !== outside)
    .map(([inside, outside, count]) =>
      count === "1"
        ? `${inside} inside is ${outside} outside`
        : `${inside} and so on inside are ${outside} and so on outside, ${count} of them`,
    );
}

function boundingLimits(limits: string): readonly string[] {
  return limits.split("\n").flatMap((line) => {
    const [, name, soft, hard] = /^Max (.+?) {2,}(\S+) +(\S+)/.exec(line) ?? [];
    if (name === undefined || (soft === "unlimited" && hard === "unlimited"))
      return [];
    return `${name} ${soft === hard ? soft : `${soft} to ${hard}`}`;
  });
}
