/** What an order table says, as words and numbers: two tables that say the same make the same instance. */

import { memoryAt } from "../../../syscalls/native.ts";
import { bytesFrom } from "../../../src/plan/bytes.ts";
import type { Bytes } from "../../../src/plan/bytes.ts";
import { resolveEnvironment } from "../../../src/plan/environment.ts";
import { ownDescriptors } from "../../../src/plan/own-descriptors.ts";
import { isHere, placeOf } from "../../../src/plan/place-of.ts";
import type { MountRequest, Request } from "../../../src/plan/request.ts";
import { wantedOf } from "../../../src/plan/wanted.ts";
import { handoverAddress } from "../../../src/stage0/handover.ts";
import {
  LIMIT_ROW,
  MOUNT_KIND,
  MOUNT_ROW,
  ORDER,
  ORDER_ADDRESS,
} from "../../../src/stage0/order-table.ts";
import type { OrderField } from "../../../src/stage0/order-table.ts";
import { RLIMIT } from "../../../syscalls/constants/process.table.ts";
import type { Line } from "./line.ts";

/** The caller's own directory as a target. */
const HERE = "(the caller's directory)";

export interface Meaning {
  readonly command: readonly Bytes[];
  readonly environment: readonly Bytes[];
  readonly rootfs: Bytes;
  readonly directory: Bytes | null;
  readonly hostname: Bytes | null;
  readonly kept: readonly number[];
  readonly numbers: Readonly<Partial<Record<OrderField, number>>>;
  readonly mounts: readonly (readonly unknown[])[];
  readonly limits: readonly (readonly bigint[])[];
}

const NUMBERS = [
  "writable",
  "resolver",
  "keepsRoot",
  "tmp",
  "hides",
  "report",
  "executable",
  "noNetwork",
  "init",
  "rootless",
] as const;

function u64(address: number): bigint {
  return new DataView(memoryAt(address, 8).buffer).getBigUint64(0, true);
}

function textAt(address: number): Bytes {
  for (let size = 64; ; size *= 4) {
    // What lies behind the text may not be mapped: no further than its page.
    const room = Math.min(size, 4096 - (address % 4096) || 4096);
    const bytes = memoryAt(address, room);
    const end = bytes.indexOf(0);
    if (end >= 0) return bytesFrom(bytes.subarray(0, end));
    if (room < size)
      return `${bytesFrom(memoryAt(address, room))}${textAt(address + room)}` as Bytes;
  }
}

function textsAt(address: number): readonly Bytes[] {
  const texts: Bytes[] = [];
  for (let at = address; u64(at) !== 0n; at += 8)
    texts.push(textAt(Number(u64(at))));
  return texts;
}

/** The table in this process's memory. */
export function readOrder(): Meaning {
  const field = (name: OrderField) =>
    Number(u64(ORDER_ADDRESS + ORDER.fields[name].offset));
  const rows = (first: OrderField, end: OrderField, size: number) =>
    Array.from(
      { length: (field(end) - field(first)) / size },
      (_, index) => field(first) + size * index,
    );
  const hostname = textAt(field("hostname") || field("rootfs"));
  const named = field("namesHost") === 1;
  if (named && hostname.length !== field("hostnameLength"))
    throw new RangeError("the hostname's length is not its own");
  return {
    command: textsAt(field("command")),
    environment: textsAt(field("environment")),
    rootfs: textAt(field("rootfs")),
    directory:
      field("changesDirectory") === 1 ? textAt(field("directory")) : null,
    hostname: named ? hostname : null,
    kept: rows("kept", "keptEnd", 8).map((at) => Number(u64(at))),
    numbers: Object.fromEntries(NUMBERS.map((name) => [name, field(name)])),
    mounts: rows("mounts", "mountsEnd", MOUNT_ROW.size).map(readMount),
    limits: rows("limits", "limitsEnd", LIMIT_ROW.size).map((at) =>
      [0, 8, 16].map((offset) => u64(at + offset)),
    ),
  };
}

const KINDS = new Map<number, string>(
  Object.entries(MOUNT_KIND).map(([name, number]) => [number, name]),
);

function readMount(row: number): readonly unknown[] {
  const field = (name: keyof typeof MOUNT_ROW.fields) =>
    Number(u64(row + MOUNT_ROW.fields[name].offset));
  const text = (name: keyof typeof MOUNT_ROW.fields) => textAt(field(name));
  const kind = KINDS.get(field("kind"));
  const target =
    field("target") === handoverAddress("directoryPath")
      ? HERE
      : text("target");
  for (const cell of ["mount", "directory", "file"] as const)
    if (field(cell) !== 0) throw new RangeError(`${cell} is not fresh`);
  if (kind === "hide") return [kind, target];
  if (kind !== "tmpfs") return [kind, text("source"), target];
  const mode = Number.parseInt(text("mode"), 8);
  return [kind, target, sizeOf(text("size")), Number(text("inodes")), mode];
}

/** As the kernel reads it: memparse. */
function sizeOf(text: string): number {
  const [, digits, unit = ""] = /^([0-9]+)([kmg]?)$/i.exec(text)!;
  const shift = "kmg".indexOf(unit.toLowerCase()) + 1;
  return Number(digits) * (unit === "" ? 1 : 2 ** (10 * shift));
}

/** What a request means, seen by whoever reads its line. */
export function meaningOf(request: Request, line: Line): Meaning {
  const { environment, directory } = line;
  const { entries } = resolveEnvironment(request.environment, environment);
  const builds = request.action === "build";
  const wanted = wantedOf(request);
  return {
    command: request.command,
    environment: entries.map((entry) =>
      entry.kind === "set" ? entry.text : environment[entry.index]!,
    ),
    rootfs: request.rootfs,
    directory: request.workingDirectory,
    hostname: request.hostname,
    kept: request.keepDescriptors,
    numbers: {
      writable: Number(builds),
      resolver: Number(wanted.resolver),
      keepsRoot: Number(builds && request.rootfs !== "/"),
      tmp: Number(wanted.tmp),
      hides: Number(wanted.hides),
      ...ownDescriptors(request.keepDescriptors),
      noNetwork: Number(request.network === "none"),
      init: Number(request.init),
      rootless: Number(request.rootless),
    },
    mounts: request.mounts.map((mount) => mountOf(mount, directory)),
    limits: request.limits.map(({ resource, soft, hard }) => [
      BigInt(RLIMIT[resource]),
      soft,
      hard,
    ]),
  };
}

function mountOf(mount: MountRequest, directory: Bytes): readonly unknown[] {
  const caller = { anybody: false, uid: 1000, gid: 1000, directory };
  const target = isHere(mount) ? HERE : placeOf(mount, { caller });
  switch (mount.kind) {
    case "map":
    case "vol":
      return [mount.kind, mount.source, target];
    case "tmpfs":
      return [mount.kind, target, mount.size, mount.inodes, mount.mode];
    case "hide":
      return [mount.kind, target];
    case "data":
      return [mount.kind, mount.descriptor, target];
    case "content":
      return [mount.kind, target];
  }
}
