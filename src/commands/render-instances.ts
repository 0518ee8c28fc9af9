/**
 * The answer of `ps`. Security: names, roots and commands are whatever somebody
 * gave, so nothing of them can steer the terminal, break a line or the JSON.
 */

import { showBytes, type Bytes } from "../plan/bytes.ts";
import type { NamedInstance } from "./name-instances.ts";

const HEADER = [
  "NAME",
  "PID",
  "INIT",
  "AGE",
  "PROCS",
  "MEMORY",
  "CPU",
  "MODE",
  "ROOT",
  "COMMAND",
] as const;
/** Numbers stand on the right. */
const RIGHT = new Set(["PID", "INIT", "AGE", "PROCS", "MEMORY", "CPU"]);

export function renderInstances(instances: readonly NamedInstance[]): string {
  const rows = [HEADER, ...instances.map(renderRow)];
  const widths = HEADER.map((_, at) =>
    Math.max(...rows.map((row) => row[at]!.length)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, at) =>
        RIGHT.has(HEADER[at]!)
          ? cell.padStart(widths[at]!)
          : cell.padEnd(widths[at]!),
      )
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}

function renderRow(instance: NamedInstance): readonly string[] {
  const { name, rootfs, command } = instance;
  return [
    name ?? "-",
    String(instance.pid),
    String(instance.first),
    renderAge(instance.age),
    String(instance.members.length),
    renderSize(instance.memory),
    renderAge(instance.cpu),
    instance.mode,
    rootfs === null ? "-" : showBytes(rootfs),
    command.map(showWord).join(" "),
  ];
}

/** As a shell would take it, where it is not plain. */
function showWord(word: Bytes): string {
  const text = showBytes(word);
  return /^[\w@%+=:,./-]+$/.test(text)
    ? text
    : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** `12s`, `3m05s`, `2h10m`, `4d03h`. */
function renderAge(age: number): string {
  const seconds = Math.max(0, Math.floor(age));
  const [minutes, hours] = [
    Math.floor(seconds / 60),
    Math.floor(seconds / 3600),
  ];
  if (minutes === 0) return `${seconds}s`;
  if (hours === 0) return `${minutes}m${padded(seconds % 60)}s`;
  if (hours < 24) return `${hours}h${padded(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d${padded(hours % 24)}h`;
}

function padded(number: number): string {
  return String(number).padStart(2, "0");
}

function renderSize(bytes: number): string {
  const units = ["B", "K", "M", "G", "T"];
  let size = bytes;
  let at = 0;
  for (; size >= 1024 && at < units.length - 1; at++) size /= 1024;
  return `${size < 10 && at > 0 ? size.toFixed(1) : Math.round(size)}${units[at]}`;
}

/** An array of records; ages and processor time in seconds, memory in bytes. */
export function renderInstancesJson(
  instances: readonly NamedInstance[],
): string {
  const records = instances.map((instance) => ({
    name: instance.name,
    pid: instance.pid,
    init: instance.first,
    asker: instance.asker,
    uid: instance.uid,
    action: instance.action,
    command: instance.command.map(showBytes),
    mode: instance.mode,
    root: instance.rootfs === null ? null : showBytes(instance.rootfs),
    stopped: instance.stopped,
    age: Math.round(instance.age * 100) / 100,
    processes: instance.members,
    entered: instance.entered,
    memory: instance.memory,
    cpu: instance.cpu,
  }));
  return `${JSON.stringify(records, null, 2)}\n`;
}
