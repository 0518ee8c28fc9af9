/**
 * The caller's terminal, for /dev/console: what one of descriptors 0 to 2 is, if
 * the name that the kernel gives for it leads to that very device. With the
 * user's rights; without one there is no console.
 */

import { close, openPlace, statPlace } from "../../syscalls/calls/files.ts";
import { named, WORKING_DIRECTORY } from "../../syscalls/calls/operands.ts";
import { O } from "../../syscalls/constants/open.table.ts";
import { TIOC } from "../../syscalls/constants/terminal.table.ts";
import { jumpIf, load, set, store } from "../../syscalls/control.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Data, Label, Operand, Slot } from "../../syscalls/program.ts";
import { WINSIZE } from "../../syscalls/structs.ts";
import type { Instance } from "./instance.ts";

const PATH_MAX = 4096;
const SLASH = shown(0x2f, "'/'");

/** A place of the device, or 0 if there is none. */
export function planTerminalPlace(instance: Instance): Slot {
  const { p } = instance;
  const place = p.slot("terminal's place");
  const path = p.buffer("terminal's path", PATH_MAX + 1);
  const size = p.buffer("terminal's size", WINSIZE.size);
  const found = p.label("terminal is known");
  for (const descriptor of [0, 1, 2]) {
    const next = p.label("no terminal");
    const ask = named("TIOC", TIOC, "GWINSZ");
    p.call("ioctl", [descriptor, ask, size], { failure: next });
    planPath(instance, { descriptor, path, none: next });
    openPlace(p, [WORKING_DIRECTORY, path], O.NOFOLLOW, {
      result: place,
      failure: next,
    });
    planSame(instance, [descriptor, place], found);
    close(p, place);
    p.place(next);
  }
  set(p, place, 0);
  p.place(found);
  return place;
}

/** What the kernel calls it; a name outside of our root does not begin with a slash. */
function planPath(
  { p }: Instance,
  { descriptor, path, none }: { descriptor: number; path: Data; none: Label },
): void {
  const [end, first] = [p.slot("end of the path"), p.slot("first byte")];
  const link = p.text(`/proc/self/fd/${descriptor}`);
  p.call("readlinkat", [WORKING_DIRECTORY, link, path, PATH_MAX], {
    result: end,
    failure: none,
  });
  store(p, 1, [addressOf(path), end], 0);
  load(p, first, 1, [addressOf(path), 0]);
  jumpIf(p, [first, "!=", SLASH], none);
}

/** Goes on at `same` if both are one inode. */
function planSame(
  { p, stat }: Instance,
  [one, other]: readonly [Operand, Operand],
  same: Label,
): void {
  const [major, minor, inode] = [
    p.slot("terminal's major"),
    p.slot("terminal's minor"),
    p.slot("terminal's inode"),
  ];
  const [namedMajor, namedMinor, namedInode] = [
    p.slot("named major"),
    p.slot("named minor"),
    p.slot("named inode"),
  ];
  const different = p.label("another one");
  const buffer = stat;
  statPlace(p, one, {
    buffer,
    fields: { dev_major: major, dev_minor: minor, ino: inode },
  });
  statPlace(p, other, {
    buffer,
    fields: { dev_major: namedMajor, dev_minor: namedMinor, ino: namedInode },
  });
  jumpIf(p, [major, "!=", namedMajor], different);
  jumpIf(p, [minor, "!=", namedMinor], different);
  jumpIf(p, [inode, "==", namedInode], same);
  p.place(different);
}
