/**
 * Tiles: a directory in which something must be made, but that must not change,
 * is overlaid with a small tmpfs that holds a bind mount of each of its entries
 * (symbolic links are made anew). Written to no disk, read-only in the end.
 */

import {
  close,
  changeOwner,
  duplicate,
  makeDirectory,
  makeEmptyFile,
  openFile,
  statPlace,
} from "../../syscalls/calls/files.ts";
import {
  moveMountAt,
  moveMountOnto,
  newFilesystem,
  openTreeClone,
  pivotRootHere,
  unmountHere,
} from "../../syscalls/calls/mounts.ts";
import { MOUNT_ATTR } from "../../syscalls/constants/mount.table.ts";
import { O } from "../../syscalls/constants/open.table.ts";
import { S_IF } from "../../syscalls/constants/stat.table.ts";
import { compute, jump, jumpIf } from "../../syscalls/control.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import { union } from "../../syscalls/flags.ts";
import { shown } from "../../syscalls/program.ts";
import type { Label, Slot } from "../../syscalls/program.ts";
import { CLOSED } from "./failure-words.ts";
import type { Instance } from "./instance.ts";
import { TILE_SOURCE } from "./plan-covered-places.ts";
import {
  planEachEntry,
  planEntryItself,
  planLinkAgain,
} from "./plan-entries.ts";
import { asRoot } from "./privilege.ts";

/** Overlays the directory `of`; the result is the tile's own directory. */
export function planTile(instance: Instance, of: Slot): Slot {
  const { p, stat, root } = instance;
  const tile = p.slot("tile");
  const [mode, uid, gid] = [
    p.slot("tiled mode"),
    p.slot("tiled owner"),
    p.slot("tiled group"),
  ];
  const [inode, mount] = [p.slot("tiled inode"), p.slot("tiled mount")];
  const source = openFile(p, [of, p.text(".")], union(O.RDONLY, O.DIRECTORY), {
    result: "tiled directory",
    subject: "reading the directory that it must be made in",
  });
  statPlace(p, of, {
    buffer: stat,
    fields: { mode, uid, gid, ino: inode, mnt_id: mount },
  });
  planOpenToSomebody(instance, mode);
  asRoot(instance, () => {
    const options = [
      ["source", TILE_SOURCE],
      ["size", "0"],
      ["nr_inodes", "0"],
      ["mode", "755"],
    ] as const;
    const attributes = union(MOUNT_ATTR.NOSUID, MOUNT_ATTR.NODEV);
    newFilesystem(p, { type: "tmpfs", options, attributes, result: tile });
    changeOwner(p, [tile, p.text("")], { uid, gid });
    compute(p, mode, [mode, "&", shown(0o7777, "07777")]);
    p.call("fchmodat", [tile, p.text("."), mode]);
    moveMountOnto(p, tile, of);
  });
  planEachEntry(instance, source, (name, next) =>
    planEntry(instance, { source, tile, name, next }),
  );
  close(p, source);
  planRootTile(instance, { inode, mount, tile, root });
  return tile;
}

/** What is mounted in a directory that nobody may enter, as --hide makes them, nobody would reach. */
function planOpenToSomebody({ p }: Instance, mode: Slot): void {
  const [search, open] = [p.slot("who may enter"), p.label("somebody may")];
  compute(p, search, [mode, "&", shown(0o111, "0111")]);
  jumpIf(p, [search, "!=", 0], open);
  p.fail(ERRNO.EACCES, CLOSED);
  p.place(open);
}

/** If the tiled directory was the root, the tile becomes the root. */
function planRootTile(
  instance: Instance,
  {
    inode,
    mount,
    tile,
    root,
  }: Record<"inode" | "mount" | "tile" | "root", Slot>,
): void {
  const { p, stat } = instance;
  const [rootInode, rootMount] = [
    p.slot("root's inode"),
    p.slot("root's mount"),
  ];
  const below = p.label("below the root");
  statPlace(p, root, {
    buffer: stat,
    fields: { ino: rootInode, mnt_id: rootMount },
  });
  jumpIf(p, [inode, "!=", rootInode], below);
  jumpIf(p, [mount, "!=", rootMount], below);
  p.call("fchdir", [tile]);
  asRoot(instance, () => {
    pivotRootHere(p);
    unmountHere(p);
  });
  close(p, root);
  duplicate(p, tile, root);
  p.place(below);
}

/** One entry; one that is gone by now is passed over. */
function planEntry(
  instance: Instance,
  {
    source,
    tile,
    name,
    next,
  }: { source: Slot; tile: Slot; name: Slot; next: Label },
): void {
  const { p } = instance;
  const tree = p.slot("entry's clone");
  const [link, file, bind] = [
    p.label("symbolic link"),
    p.label("file"),
    p.label("bind"),
  ];
  const [uid, gid] = [p.slot("entry's owner"), p.slot("entry's group")];
  const fields = { mode: p.slot("entry's mode"), uid, gid };
  const { thing, kind } = planEntryItself(instance, [source, name], {
    next,
    fields,
  });
  jumpIf(p, [kind, "==", shown(S_IF.LNK, "S_IFLNK")], link);
  jumpIf(p, [kind, "!=", shown(S_IF.DIR, "S_IFDIR")], file);
  asRoot(instance, () => makeDirectory(p, [tile, name]));
  jump(p, bind);
  p.place(file);
  asRoot(instance, () => makeEmptyFile(p, [tile, name]));
  p.place(bind);
  asRoot(instance, () => {
    openTreeClone(p, { at: thing, recursive: true, result: tree });
    moveMountAt(p, tree, tile, name);
  });
  close(p, tree);
  close(p, thing);
  jump(p, next);
  p.place(link);
  planLinkAgain(instance, thing, { directory: tile, name, uid, gid });
}
