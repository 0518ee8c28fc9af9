/** One entry of a directory that `--scratch` makes again in memory: see plan-scratch-tree.ts. */

import {
  askForWriting,
  close,
  makeDirectory,
  makeEmptyFile,
  openFile,
  openPlace,
  statPlace,
} from "../../syscalls/calls/files.ts";
import {
  moveMountAt,
  moveMountOnto,
  openTreeClone,
} from "../../syscalls/calls/mounts.ts";
import { O } from "../../syscalls/constants/open.table.ts";
import { S_IF, STATX_ATTR } from "../../syscalls/constants/stat.table.ts";
import {
  compute,
  jump,
  jumpIf,
  set,
  tolerate,
  when,
} from "../../syscalls/control.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import { union } from "../../syscalls/flags.ts";
import { shown } from "../../syscalls/program.ts";
import type { Label, Operand, Slot } from "../../syscalls/program.ts";
import type { Instance } from "./instance.ts";
import { planEntryItself, planLinkAgain } from "./plan-entries.ts";
import { planAppend, planSearch } from "./plan-numbers.ts";
import type { Numbers } from "./plan-numbers.ts";
import { planDress, planOverlay } from "./plan-scratch-overlay.ts";
import type { Look } from "./plan-scratch-overlay.ts";
import type { Remember } from "./plan-scratch.ts";

/** What is shared while the tree is gone through. */
interface Scan {
  /** The caller's uid inside. */
  readonly uid: Operand;
  /** Ids of mounts that are not to be shown. */
  readonly hidden: Numbers;
  /** Inodes of directories of others on the way to something of the caller's. */
  readonly way: Numbers;
  /** Directories to make again: pairs of descriptors. */
  readonly queue: Numbers;
  readonly remember: Remember;
}

interface Entry {
  readonly source: Slot;
  readonly target: Slot;
  readonly name: Slot;
  readonly next: Label;
}

/** One entry; one that is gone by now is passed over. */
export function planScratchEntry(
  instance: Instance,
  scan: Scan,
  entry: Entry,
): void {
  const { p } = instance;
  const { source, target, name, next } = entry;
  const [inode, hidden] = [p.slot("entry's inode"), p.slot("entry is hidden")];
  const look: Look = {
    mode: p.slot("entry's mode"),
    uid: p.slot("entry's owner"),
    gid: p.slot("entry's group"),
    access: p.slot("may be written"),
  };
  const { mode, uid, gid } = look;
  const [link, directory, done] = [
    p.label("symbolic link"),
    p.label("directory"),
    p.label("entry is made"),
  ];
  const fields = { mode, uid, gid, ino: inode };
  const { thing, kind } = planEntryItself(instance, [source, name], {
    next,
    fields,
  });
  planHidden(instance, scan, { thing, hidden });
  jumpIf(p, [kind, "==", shown(S_IF.LNK, "S_IFLNK")], link);
  jumpIf(p, [kind, "==", shown(S_IF.DIR, "S_IFDIR")], directory);
  makeEmptyFile(p, [target, name]);
  when(p, [hidden, "==", 0], () => {
    const file = p.slot("file's clone");
    openTreeClone(p, { at: thing, recursive: true, result: file });
    moveMountAt(p, file, target, name);
    close(p, file);
  });
  jump(p, done);
  p.place(directory);
  makeDirectory(p, [target, name], { mode: 0o555 });
  jumpIf(p, [hidden, "!=", 0], done);
  askForWriting(p, [source, name], look.access);
  const from = { thing, look, here: p.slot("here") };
  openPlace(p, [target, name], union(O.DIRECTORY, O.NOFOLLOW), {
    result: from.here,
  });
  planDirectory(instance, scan, { ...from, inode });
  p.place(done);
  close(p, thing);
  jump(p, next);
  p.place(link);
  planLinkAgain(instance, thing, { directory: target, name, uid, gid });
}

/** `hidden` becomes 1 if the thing is a mount that is not to be shown. */
function planHidden(
  instance: Instance,
  scan: Scan,
  { thing, hidden }: { thing: Slot; hidden: Slot },
): void {
  const { p, stat } = instance;
  const [attributes, mount] = [p.slot("attributes"), p.slot("entry's mount")];
  const [listed, done] = [p.label("hidden"), p.label("hidden or not")];
  set(p, hidden, 0);
  statPlace(p, thing, { buffer: stat, fields: { attributes, mnt_id: mount } });
  const mask = shown(STATX_ATTR.MOUNT_ROOT, "STATX_ATTR_MOUNT_ROOT");
  compute(p, attributes, [attributes, "&", mask]);
  jumpIf(p, [attributes, "==", 0], done);
  planSearch(instance, scan.hidden, [mount, listed]);
  jump(p, done);
  p.place(listed);
  set(p, hidden, 1);
  p.place(done);
}

/** A directory, and the one in memory that stands for it. */
interface Directory {
  readonly thing: Slot;
  readonly here: Slot;
  readonly look: Look;
}

/** An overlay; or, where the kernel refuses one, the same again one level below. */
function planDirectory(
  instance: Instance,
  scan: Scan,
  { inode, ...directory }: Directory & { inode: Slot },
): void {
  const { p } = instance;
  const { look, thing, here } = directory;
  const [clone, below] = [p.slot("clone below"), p.slot("directory below")];
  const [others, whole, again, bind, push, done] = [
    p.label("another's, on the way"),
    p.label("whole"),
    p.label("mounts below"),
    p.label("closed to the caller"),
    p.label("make it again"),
    p.label("directory is made"),
  ];
  const open = (failure: Label) => {
    const reading = union(O.RDONLY, O.DIRECTORY);
    openFile(p, [thing, p.text(".")], reading, { result: below, failure });
  };
  jumpIf(p, [look.uid, "==", scan.uid], whole);
  planSearch(instance, scan.way, [inode, others]);
  jump(p, whole);
  p.place(others);
  open(whole);
  jump(p, push);
  p.place(whole);
  const locked = { result: clone, errnos: [ERRNO.EINVAL], then: again };
  tolerate(
    p,
    locked,
    (options) =>
      void openTreeClone(p, { at: thing, recursive: false, ...options }),
  );
  planOver(instance, scan, { ...directory, clone });
  jump(p, done);
  p.place(again);
  open(bind);
  p.place(push);
  planDress(instance, here, look);
  for (const end of [below, here]) planAppend(instance, scan.queue, end);
  jump(p, done);
  p.place(bind);
  openTreeClone(p, { at: thing, recursive: true, result: clone });
  moveMountOnto(p, clone, here);
  for (const end of [clone, here]) close(p, end);
  p.place(done);
}

/** An overlay of the directory, on the one in memory. */
function planOver(
  instance: Instance,
  { remember }: Scan,
  { here, look, clone }: Directory & { clone: Slot },
): void {
  const { p } = instance;
  const overlay = p.slot("overlay");
  planOverlay(instance, { clone, here, look, result: overlay });
  moveMountOnto(p, overlay, here);
  remember(overlay);
  for (const end of [overlay, here]) close(p, end);
}
