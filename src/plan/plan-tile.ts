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
  makeSymlink,
  openFile,
  openPlace,
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
import {
  compute,
  jump,
  jumpIf,
  load,
  loadField,
  loop,
  set,
  store,
  tolerate,
} from "../../syscalls/control.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import { union } from "../../syscalls/flags.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Data, Label, Slot } from "../../syscalls/program.ts";
import { DIRENT64 } from "../../syscalls/structs.ts";
import type { Instance } from "./instance.ts";
import { TILE_SOURCE } from "./plan-covered-places.ts";
import { asRoot } from "./privilege.ts";

const ENTRIES_SIZE = 2 ** 16;
const PATH_MAX = 4096;

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
  });
  statPlace(p, of, {
    buffer: stat,
    fields: { mode, uid, gid, ino: inode, mnt_id: mount },
  });
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
  planEntries(instance, source, tile);
  close(p, source);
  planRootTile(instance, { inode, mount, tile, root });
  return tile;
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

/** Makes every entry of `source` again in `tile`. */
function planEntries(instance: Instance, source: Slot, tile: Slot): void {
  const { p } = instance;
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
      planEntry(instance, { source, tile, name, next: again });
    });
  });
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
  const { p, stat } = instance;
  const [thing, mode, tree] = [
    p.slot("entry itself"),
    p.slot("entry's mode"),
    p.slot("entry's clone"),
  ];
  const [link, file, bind] = [
    p.label("symbolic link"),
    p.label("file"),
    p.label("bind"),
  ];
  const gone = { result: thing, errnos: [ERRNO.ENOENT], then: next };
  tolerate(
    p,
    gone,
    (options) => void openPlace(p, [source, name], O.NOFOLLOW, options),
  );
  const [uid, gid] = [p.slot("entry's owner"), p.slot("entry's group")];
  statPlace(p, thing, { buffer: stat, fields: { mode, uid, gid } });
  compute(p, mode, [mode, "&", shown(S_IF.MT, "S_IFMT")]);
  jumpIf(p, [mode, "==", shown(S_IF.LNK, "S_IFLNK")], link);
  jumpIf(p, [mode, "!=", shown(S_IF.DIR, "S_IFDIR")], file);
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
  const content: Data = p.buffer("content of a link", PATH_MAX + 1);
  const end = p.slot("end of the link");
  p.call("readlinkat", [thing, p.text(""), content, PATH_MAX], { result: end });
  store(p, 1, [addressOf(content), end], 0);
  close(p, thing);
  asRoot(instance, () => {
    makeSymlink(p, content, [tile, name]);
    changeOwner(p, [tile, name], { uid, gid });
  });
}
