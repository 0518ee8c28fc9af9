/**
 * Where a relative source appears that is its own target, found out when the
 * Program is played: `joinPath` as steps. Only a name: the source is opened by
 * the kernel, from the caller's directory.
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import {
  compute,
  jump,
  jumpIf,
  load,
  loop,
  set,
  store,
  when,
} from "../../syscalls/control.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Data, Slot } from "../../syscalls/program.ts";
import { handedOver } from "../stage0/handover.ts";
import type { Bytes } from "./bytes.ts";

const PATH_MAX = 4096;
const SLASH = shown(0x2f, "'/'");

/** Where the path will be, and the steps that put it there; they fail where it is the root. */
export function planOwnPath(
  p: ProgramBuilder,
  { source, action }: { source: Bytes; action: string },
): { readonly data: Data; readonly write: () => void } {
  const { ups, rest } = splitRelative(source);
  const path = p.buffer("source's own path", PATH_MAX + rest.length + 1);
  const write = () => p.part(action, () => planPath(p, path, { ups, rest }));
  return { data: path, write };
}

function planPath(
  p: ProgramBuilder,
  path: Data,
  { ups, rest }: ReturnType<typeof splitRelative>,
): void {
  const [length, first] = [p.slot("path's length"), p.slot("first byte")];
  const directory = handedOver("directoryPath");
  set(p, length, 0);
  load(p, first, 1, [directory, 0]);
  // A directory that is gone, or out of our root, has no path: see joinPath's caller.
  when(p, [first, "==", SLASH], () => {
    p.control("find", [directory, PATH_MAX, 0], { result: length });
    p.control("copy", [path, directory, length]);
    when(p, [length, "==", 1], () => set(p, length, 0));
  });
  for (let up = 0; up < ups; up++) planParent(p, path, length);
  if (rest === "") {
    const below = p.label("below the root");
    jumpIf(p, [length, "!=", 0], below);
    p.fail(ERRNO.EINVAL, "it is the root");
    p.place(below);
    store(p, 1, [addressOf(path), length], 0);
    return;
  }
  const end = p.slot("path's end");
  compute(p, end, [addressOf(path), "+", length]);
  p.control("copy", [end, p.text(rest), rest.length + 1]);
}

/** Cuts the last component off; the root is its own parent. */
function planParent(p: ProgramBuilder, path: Data, length: Slot): void {
  const byte = p.slot("byte of the path");
  loop(p, "last component", (leave, again) => {
    jumpIf(p, [length, "==", 0], leave);
    compute(p, length, [length, "-", 1]);
    load(p, byte, 1, [addressOf(path), length]);
    jumpIf(p, [byte, "!=", SLASH], again);
    jump(p, leave);
  });
}

/** How many directories up, and what comes then: a text that begins with a slash, or an empty one. */
function splitRelative(source: Bytes): { ups: number; rest: Bytes } {
  const parts: string[] = [];
  let ups = 0;
  for (const part of source.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) ups += 1;
  }
  return { ups, rest: parts.map((part) => `/${part}`).join("") as Bytes };
}
