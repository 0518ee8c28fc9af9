/** Files and directories, always by descriptor and name. Every descriptor is close-on-exec. */

import type { ProgramBuilder } from "../builder.ts";
import type { Flags } from "../flags.ts";
import { describeFlags, union } from "../flags.ts";
import { AT, F, O, RESOLVE } from "../constants/open.table.ts";
import { S_IF, STATX } from "../constants/stat.table.ts";
import { shown } from "../program.ts";
import type { Data, Failure, Operand, Slot } from "../program.ts";
import { loadField } from "../control.ts";
import { encodeStruct } from "../struct.ts";
import { OPEN_HOW, STATX_BUFFER } from "../structs.ts";
import { flag, named, WORKING_DIRECTORY } from "./operands.ts";

interface Options {
  readonly result?: string | Slot;
  readonly failure?: Failure;
  readonly subject?: string;
}

/** `openat(at, path, O_PATH)`: a place, without opening what is there. open(2). */
export function openPlace(
  p: ProgramBuilder,
  [at, path]: readonly [Operand, Operand],
  how: Flags<"O">,
  options: Options = {},
): Slot {
  return p.call(
    "openat",
    [at, path, flag("O", union(O.PATH, O.CLOEXEC, how)), 0],
    options,
  );
}

/** `openat2(root, path, RESOLVE_IN_ROOT)`: a place, as seen by who has `root` as `/`. openat2(2), Linux 5.6. */
export function openPlaceInRoot(
  p: ProgramBuilder,
  [root, path]: readonly [Operand, Operand],
  how: { flags?: Flags<"O">; resolve?: Flags<"RESOLVE"> },
  options: Options = {},
): Slot {
  const flags = union(O.PATH, O.CLOEXEC, how.flags ?? 0);
  const resolve = union(
    RESOLVE.IN_ROOT,
    RESOLVE.NO_MAGICLINKS,
    how.resolve ?? 0,
  );
  const data = p.constant(
    () =>
      `{${describeFlags("O", flags)}, ${describeFlags("RESOLVE", resolve)}}`,
    encodeStruct(OPEN_HOW, { flags, resolve }),
  );
  return p.call("openat2", [root, path, data, OPEN_HOW.size], options);
}

/** `openat(at, path, flags)`: the thing itself. */
export function openFile(
  p: ProgramBuilder,
  [at, path]: readonly [Operand, Operand],
  how: Flags<"O">,
  options: Options = {},
): Slot {
  return p.call(
    "openat",
    [at, path, flag("O", union(how, O.CLOEXEC)), 0],
    options,
  );
}

/** Opens, writes and closes: for the files of /proc, which take one write. */
export function writeFile(
  p: ProgramBuilder,
  path: string,
  content: string | Data,
): void {
  const subject = JSON.stringify(path);
  const file = openFile(p, [WORKING_DIRECTORY, p.text(path)], O.WRONLY, {
    result: "file",
    subject,
  });
  const [data, size] =
    typeof content === "string"
      ? [p.text(content), content.length]
      : [content, content.size];
  p.call("write", [file, data, size], { subject });
  p.call("close", [file]);
}

export function close(p: ProgramBuilder, descriptor: Operand): void {
  p.call("close", [descriptor], { failure: "continue" });
}

/** A second descriptor for the same thing. fcntl(2). */
export function duplicate(
  p: ProgramBuilder,
  descriptor: Operand,
  result: Slot,
): void {
  p.call("fcntl", [descriptor, named("F", F, "DUPFD_CLOEXEC"), 0], { result });
}

/** Closes the descriptors from `first` to `last`. close_range(2), Linux 5.9. */
export function closeRange(
  p: ProgramBuilder,
  [first, last]: readonly [Operand, Operand],
): void {
  p.call("close_range", [first, last, 0]);
}

/** The descriptor stays open when the process executes a program. fcntl(2). */
export function keepAtExecute(
  p: ProgramBuilder,
  descriptor: Operand,
  name: string,
): void {
  const subject = `descriptor ${name}`;
  p.call("fcntl", [descriptor, named("F", F, "SETFD"), 0], { subject });
}

/** Makes a directory; one that is there will do where `failure` says so. */
export function makeDirectory(
  p: ProgramBuilder,
  [at, name]: readonly [Operand, Operand],
  options: Options & { mode?: number } = {},
): void {
  const { mode = 0o755, ...rest } = options;
  p.call("mkdirat", [at, name, shown(mode, `0${mode.toString(8)}`)], rest);
}

/** Removes an empty directory. unlinkat(2). */
export function removeDirectory(
  p: ProgramBuilder,
  [at, name]: readonly [Operand, Operand],
): void {
  p.call("unlinkat", [at, name, flag("AT", AT.REMOVEDIR)]);
}

/** Asks whether the caller may write there; always with an error, where the mount is read-only. access(2). */
export function askForWriting(
  p: ProgramBuilder,
  [at, name]: readonly [Operand, Operand],
  result: Slot,
): void {
  const how = shown(2, "W_OK");
  p.call("faccessat", [at, name, how], { result, failure: "continue" });
}

/** Fails unless the caller may look up what is in the directory. access(2). */
export function requireSearch(p: ProgramBuilder, directory: Operand): void {
  p.call("faccessat", [directory, p.text("."), shown(1, "X_OK")]);
}

/** Makes an empty regular file. */
export function makeEmptyFile(
  p: ProgramBuilder,
  [at, name]: readonly [Operand, Operand],
  options: Options & { mode?: number } = {},
): void {
  const { mode = 0o444, ...rest } = options;
  const kind = shown(S_IF.REG | mode, `S_IFREG|0${mode.toString(8)}`);
  p.call("mknodat", [at, name, kind, 0], rest);
}

/** Makes a character device; only root may. mknod(2). */
export function makeDevice(
  p: ProgramBuilder,
  [at, name]: readonly [Operand, string],
  device: { readonly major: number; readonly minor: number },
): void {
  const mode = shown(S_IF.CHR | 0o666, "S_IFCHR|0666");
  const number = shown(
    (device.major << 8) | device.minor,
    `${device.major}:${device.minor}`,
  );
  p.call("mknodat", [at, p.text(name), mode, number], {
    subject: JSON.stringify(name),
  });
}

export function makeSymlink(
  p: ProgramBuilder,
  content: Operand,
  [at, name]: readonly [Operand, Operand],
): void {
  p.call("symlinkat", [content, at, name]);
}

/** Gives an entry (not followed) of a directory, or itself, the owner it should have; one that has no id here is left out. */
export function changeOwner(
  p: ProgramBuilder,
  [at, name]: readonly [Operand, Operand],
  { uid, gid }: { uid: Operand; gid: Operand },
): void {
  const how = flag("AT", union(AT.EMPTY_PATH, AT.SYMLINK_NOFOLLOW));
  p.call("fchownat", [at, name, uid, gid, how], { failure: "continue" });
}

/** What is asked of a place, and where the answers go. */
export type StatFields = Partial<
  Record<
    | "mode"
    | "uid"
    | "gid"
    | "ino"
    | "size"
    | "attributes"
    | "mnt_id"
    | "dev_minor"
    | "dev_major",
    Slot
  >
>;

/** The answer of statx, and how to ask. */
export interface StatRequest {
  readonly buffer: Data;
  readonly fields: StatFields;
  readonly failure?: Failure;
  /** Ask for the ids of statmount(2): Linux 6.8. */
  readonly uniqueMountId?: boolean;
}

/** `statx(place, "", AT_EMPTY_PATH)`, its answers into slots. statx(2). */
export function statPlace(
  p: ProgramBuilder,
  place: Operand,
  request: StatRequest,
): void {
  const { buffer, fields, failure = "fault", uniqueMountId = false } = request;
  const mask = union(
    STATX.BASIC_STATS,
    uniqueMountId ? STATX.MNT_ID_UNIQUE : STATX.MNT_ID,
  );
  const how = flag("AT", union(AT.EMPTY_PATH, AT.NO_AUTOMOUNT));
  p.call("statx", [place, p.text(""), how, flag("STATX", mask), buffer], {
    failure,
  });
  for (const [name, slot] of Object.entries(fields))
    loadField(p, slot, [STATX_BUFFER, name as keyof StatFields], buffer);
}
