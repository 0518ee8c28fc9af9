/** The entries of a directory, one after another, for what makes them again elsewhere. getdents64(2). */

import {
  changeOwner,
  close,
  makeSymlink,
  openPlace,
  statPlace,
} from "../../syscalls/calls/files.ts";
import type { StatFields } from "../../syscalls/calls/files.ts";
import { O } from "../../syscalls/constants/open.table.ts";
import { S_IF } from "../../syscalls/constants/stat.table.ts";
import {
  compute,
  jumpIf,
  load,
  loadField,
  loop,
  set,
  store,
  tolerate,
} from "../../syscalls/control.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Data, Label, Slot } from "../../syscalls/program.ts";
import { DIRENT64 } from "../../syscalls/structs.ts";
import type { Instance } from "./instance.ts";
import { asRoot } from "./privilege.ts";

const ENTRIES_SIZE = 2 ** 16;
const PATH_MAX = 4096;

/** Performs `body` for each entry but `.` and `..`: `name` is the address of its name, `next` goes on. */
export function planEachEntry(
  { p }: Instance,
  source: Slot,
  body: (name: Slot, next: Label) => void,
): void {
  const entries = p.buffer("directory entries", ENTRIES_SIZE);
  const [size, at, entry] = [
    p.slot("size of the entries"),
    p.slot("at"),
    p.slot("entry"),
  ];
  const [length, name, word] = [
    p.slot("length"),
    p.slot("name"),
    p.slot("start of the name"),
  ];
  loop(p, "directory", (done) => {
    p.call("getdents64", [source, entries, ENTRIES_SIZE], { result: size });
    jumpIf(p, [size, "==", 0], done);
    set(p, at, 0);
    loop(p, "entries", (leave, again) => {
      jumpIf(p, [at, "==", size], leave);
      compute(p, entry, [addressOf(entries), "+", at]);
      loadField(p, length, [DIRENT64, "reclen"], entry);
      compute(p, at, [at, "+", length]);
      compute(p, name, [entry, "+", DIRENT64.fields.name.offset]);
      load(p, word, 2, [name, 0]);
      jumpIf(p, [word, "==", shown(0x002e, '"."')], again);
      load(p, word, 4, [name, 0]);
      compute(p, word, [word, "&", shown(0xffffff, "three bytes")]);
      jumpIf(p, [word, "==", shown(0x2e2e, '".."')], again);
      body(name, again);
    });
  });
}

/** One entry, opened, what it is and of which kind; one that is gone by now is passed over. */
export function planEntryItself(
  { p, stat }: Instance,
  [source, name]: readonly [source: Slot, name: Slot],
  { next, fields }: { next: Label; fields: StatFields & { mode: Slot } },
): { readonly thing: Slot; readonly kind: Slot } {
  const [thing, kind] = [p.slot("entry itself"), p.slot("entry's kind")];
  const gone = { result: thing, errnos: [ERRNO.ENOENT], then: next };
  tolerate(
    p,
    gone,
    (options) => void openPlace(p, [source, name], O.NOFOLLOW, options),
  );
  statPlace(p, thing, { buffer: stat, fields });
  compute(p, kind, [fields.mode, "&", shown(S_IF.MT, "S_IFMT")]);
  return { thing, kind };
}

/** Makes a symbolic link again, and closes it. */
export function planLinkAgain(
  instance: Instance,
  link: Slot,
  {
    directory,
    name,
    uid,
    gid,
  }: { directory: Slot; name: Slot; uid: Slot; gid: Slot },
): void {
  const { p } = instance;
  const content: Data = p.buffer("content of a link", PATH_MAX + 1);
  const end = p.slot("end of the link");
  p.call("readlinkat", [link, p.text(""), content, PATH_MAX], { result: end });
  store(p, 1, [addressOf(content), end], 0);
  close(p, link);
  asRoot(instance, () => {
    makeSymlink(p, content, [directory, name]);
    changeOwner(p, [directory, name], { uid, gid });
  });
}
