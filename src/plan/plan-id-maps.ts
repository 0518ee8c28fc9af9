/**
 * The child's identity at its start. Rootless: the caller's own ids are mapped
 * to themselves, no others, and the process is not traceable any more from then
 * on. user_namespaces(7).
 */

import { setDumpable } from "../../syscalls/calls/identity.ts";
import { writeFile } from "../../syscalls/calls/files.ts";
import type { Instance } from "./instance.ts";

export function planIdMaps(instance: Instance): void {
  const { p, facts, umask } = instance;
  const { uid, gid } = facts.caller;
  p.part(
    "give files the modes that are asked for",
    () => void p.call("umask", [0], { result: umask }),
  );
  if (facts.mode === "privileged") return;
  p.part("map the caller's own ids", () => {
    writeFile(p, "/proc/self/setgroups", "deny");
    writeFile(p, "/proc/self/uid_map", `${uid} ${uid} 1`);
    writeFile(p, "/proc/self/gid_map", `${gid} ${gid} 1`);
    setDumpable(p, false);
  });
}
