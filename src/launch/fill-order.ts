/**
 * Fills the table of a ready-made launch from a request, as stage 0 does from a
 * line: pointers to the caller's own words where they are known, and to texts of
 * our own. On the way of every launch that Bun starts, so it loads little.
 */

import { addressOfView, memoryAt } from "../../syscalls/native.ts";
import { RLIMIT } from "../../syscalls/constants/process.table.ts";
import { words } from "../../syscalls/struct.ts";
import type { Fields, Layout } from "../../syscalls/struct.ts";
import { resolveEnvironment } from "../plan/environment.ts";
import { ownDescriptors } from "../plan/own-descriptors.ts";
import {
  isHere,
  placeOf,
  requirePossible,
  usesDirectory,
} from "../plan/place-of.ts";
import type { MountRequest, Request } from "../plan/request.ts";
import { tmpfsTexts, wantedOf } from "../plan/wanted.ts";
import { handoverAddress } from "../stage0/handover.ts";
import {
  LIMIT_ROW,
  MOUNT_KIND,
  MOUNT_ROW,
  ORDER,
  ORDER_ADDRESS,
} from "../stage0/order-table.ts";
import type { Handover } from "./read-handover.ts";

/** What the table points at lives as long as this process. */
const held: Uint8Array[] = [];
/** A number of 64 bits. */
const WORD = words(["value"]);

/** Whether every launch of this kind is ready-made, from where the caller is. */
export function fitsOrder(
  request: Request,
  { directoryDescriptor }: Pick<Handover, "directoryDescriptor">,
): boolean {
  const { asRoot, proc, scratch, mounts } = request;
  return (
    !asRoot &&
    scratch === null &&
    proc === "own" &&
    !mounts.some(({ kind }) => kind === "data") &&
    (directoryDescriptor >= 0 || !usesDirectory(request))
  );
}

/** Throws a SelfdockError for what nobody can have wanted. */
export function fillOrder(request: Request, handover: Handover): void {
  const { mounts, hostname, workingDirectory, keepDescriptors } = request;
  const builds = request.action === "build";
  const { tmp, resolver, hides } = wantedOf(request);
  const { report, executable } = ownDescriptors(keepDescriptors);
  const rows = arrayOf(mounts, MOUNT_ROW, (mount) =>
    mountRow(mount, request, handover),
  );
  const limits = arrayOf(request.limits, LIMIT_ROW, (limit) => ({
    resource: RLIMIT[limit.resource],
    soft: limit.soft,
    hard: limit.hard,
  }));
  const kept = arrayOf(keepDescriptors, WORD, (value) => ({ value }));
  write(memoryAt(ORDER_ADDRESS, ORDER.size), ORDER, {
    command: commandAddress(request, handover),
    environment: environmentAddress(request, handover),
    rootfs: textAddress(request.rootfs),
    writable: Number(builds),
    resolver: Number(resolver),
    keepsRoot: Number(builds && request.rootfs !== "/"),
    tmp: Number(tmp),
    hides: Number(hides),
    mounts: rows.start,
    mountsEnd: rows.end,
    changesDirectory: Number(workingDirectory !== null),
    directory: textAddress(workingDirectory ?? ""),
    report,
    executable,
    kept: kept.start,
    keptEnd: kept.end,
    noNetwork: Number(request.network === "none"),
    namesHost: Number(hostname !== null),
    hostname: textAddress(hostname ?? ""),
    hostnameLength: hostname?.length ?? 0,
    limits: limits.start,
    limitsEnd: limits.end,
    init: Number(request.init),
    rootless: Number(request.rootless),
  });
}

type Numbers<F> = Partial<Record<keyof F, number | bigint>>;

function write<F extends Fields>(
  memory: Uint8Array,
  { fields }: Layout<F>,
  values: Numbers<F>,
): void {
  const view = new DataView(memory.buffer, memory.byteOffset, memory.length);
  for (const name in values)
    view.setBigUint64(fields[name]!.offset, BigInt(values[name]!), true);
}

function hold(view: Uint8Array): number {
  if (view.length === 0) return 0;
  held.push(view);
  return addressOfView(view);
}

/** A row for each. */
function arrayOf<T, F extends Fields>(
  items: readonly T[],
  row: Layout<F>,
  valuesOf: (item: T) => Numbers<F>,
): { readonly start: number; readonly end: number } {
  const memory = new Uint8Array(row.size * items.length);
  let at = 0;
  for (const item of items) {
    write(memory.subarray(at), row, valuesOf(item));
    at += row.size;
  }
  const start = hold(memory);
  return { start, end: start + memory.length };
}

function textAddress(text: string): number {
  const bytes = new Uint8Array(text.length + 1);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return hold(bytes);
}

function vectorAddress(pointers: readonly number[]): number {
  return arrayOf([...pointers, 0], WORD, (value) => ({ value })).start;
}

function mountRow(
  mount: MountRequest,
  request: Request,
  handover: Handover,
): Numbers<typeof MOUNT_ROW.fields> {
  const { uid, gid } = handover;
  // Asked for only where a place depends on it.
  const caller = {
    anybody: false,
    uid,
    gid,
    get directory() {
      return handover.directory;
    },
  };
  const facts = { caller };
  requirePossible(mount, request, facts);
  const place = isHere(mount)
    ? handoverAddress("directoryPath")
    : textAddress(placeOf(mount, facts));
  switch (mount.kind) {
    case "map":
    case "vol": {
      const source = textAddress(mount.source);
      return { kind: MOUNT_KIND[mount.kind], source, target: place };
    }
    case "tmpfs": {
      const { size, inodes, mode } = tmpfsTexts(mount);
      return {
        kind: MOUNT_KIND.tmpfs,
        target: place,
        size: textAddress(size),
        inodes: textAddress(inodes),
        mode: textAddress(mode),
      };
    }
    case "hide":
      return { kind: MOUNT_KIND.hide, target: place };
    case "data":
    case "content":
      throw new RangeError("the table has no rows for data");
  }
}

/** The caller's own array of pointers, or, of an image's command, a new one. */
function commandAddress(
  { imageConfig, command }: Request,
  { argv, argvAddress }: Handover,
): number {
  return imageConfig
    ? vectorAddress(command.map(textAddress))
    : argvAddress + 8 * (argv.length - command.length);
}

function environmentAddress(
  { environment: changes }: Request,
  handover: Handover,
): number {
  const { argv, argvAddress, variableAddress } = handover;
  if (changes.length === 0) return argvAddress + 8 * (argv.length + 1);
  const { entries } = resolveEnvironment(changes, handover.environment);
  return vectorAddress(
    entries.map((entry) =>
      entry.kind === "set"
        ? textAddress(entry.text)
        : variableAddress(entry.index),
    ),
  );
}
