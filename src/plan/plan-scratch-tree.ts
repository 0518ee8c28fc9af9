/**
 * A root on which other filesystems are mounted, made writable in memory: the
 * root itself is a directory of the tmpfs, and each directory in it has an
 * overlay of its own, but for those with a mount somewhere below: these are
 * made again in the same way. What is mounted shows as an empty directory, which
 * is its cover; files in such directories are bound, read-only.
 */

import {
  close,
  duplicate,
  openFile,
  openPlaceInRoot,
  statPlace,
} from "../../syscalls/calls/files.ts";
import { O, RESOLVE } from "../../syscalls/constants/open.table.ts";
import {
  compute,
  jumpIf,
  load,
  loop,
  set,
  tolerate,
} from "../../syscalls/control.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import { union } from "../../syscalls/flags.ts";
import { addressOf } from "../../syscalls/program.ts";
import type { Operand, Slot } from "../../syscalls/program.ts";
import type { Instance } from "./instance.ts";
import type { CoveredPlaces } from "./plan-covered-places.ts";
import { planEachEntry } from "./plan-entries.ts";
import { planAppend, planNumbers } from "./plan-numbers.ts";
import type { Numbers } from "./plan-numbers.ts";
import { planScratchEntry } from "./plan-scratch-entry.ts";
import type { Remember } from "./plan-scratch.ts";
import { pathsTo } from "./scratch.ts";
import type { Scratch } from "./scratch.ts";

/** How many mounts may be mounted on the root. */
const MOST_HIDDEN = 2 ** 16;
/** Directories that have a mount somewhere below. */
const MOST_DIRECTORIES = 2048;

/** The ids of the mounts that are not to be shown. */
export function planHiddenMounts(
  instance: Instance,
  { list, end }: CoveredPlaces,
): Numbers {
  const { p, root, stat } = instance;
  const hidden = planNumbers(instance, "hidden mounts", MOST_HIDDEN);
  const [at, place, length] = [
    p.slot("offset of the place"),
    p.slot("place"),
    p.slot("length of the place"),
  ];
  const [mount, id] = [p.slot("hidden mount"), p.slot("its id")];
  set(p, at, 0);
  loop(p, "hidden places", (leave, again) => {
    jumpIf(p, [at, "==", end], leave);
    compute(p, place, [addressOf(list), "+", at]);
    p.control("find", [place, 4096, 0], { result: length });
    compute(p, at, [at, "+", length]);
    compute(p, at, [at, "+", 1]);
    const unreachable = [ERRNO.EACCES, ERRNO.ENOENT];
    tolerate(
      p,
      { result: mount, errnos: unreachable, then: again },
      (options) => {
        const how = { flags: O.NOFOLLOW, resolve: RESOLVE.NO_SYMLINKS };
        openPlaceInRoot(p, [root, place], how, options);
      },
    );
    statPlace(p, mount, { buffer: stat, fields: { mnt_id: id } });
    close(p, mount);
    planAppend(instance, hidden, id);
  });
  return hidden;
}

interface Tree {
  readonly scratch: Scratch;
  readonly hidden: Numbers;
  /** The root of memory. */
  readonly memory: Slot;
  readonly remember: Remember;
}

/** Makes the root's tree again in memory. */
export function planScratchTree(instance: Instance, tree: Tree): void {
  const { p, root } = instance;
  const { scratch, memory, remember } = tree;
  remember(memory);
  const uid = instance.asRoot ? 0 : instance.caller.uid;
  const way = planWay(instance, scratch, uid);
  // Two descriptors for each: where it is, and where it is made again.
  const queue = planNumbers(
    instance,
    "directories to make again",
    2 * MOST_DIRECTORIES,
  );
  const scan = { ...tree, uid, way, queue };
  const [at, source, target] = [
    p.slot("offset of the directory"),
    p.slot("directory"),
    p.slot("directory in memory"),
  ];
  const reading = union(O.RDONLY, O.DIRECTORY);
  openFile(p, [root, p.text(".")], reading, { result: source });
  duplicate(p, memory, target);
  for (const end of [source, target]) planAppend(instance, queue, end);
  set(p, at, 0);
  loop(p, "directories", (leave) => {
    jumpIf(p, [at, "==", queue.end], leave);
    for (const end of [source, target]) {
      load(p, end, 8, [addressOf(queue.list), at]);
      compute(p, at, [at, "+", 8]);
    }
    planEachEntry(instance, source, (name, next) =>
      planScratchEntry(instance, scan, { source, target, name, next }),
    );
    for (const end of [source, target]) close(p, end);
  });
}

/**
 * Inodes of directories of others on the way to something of the caller's.
 * Nothing below a directory whose owner has no id here can be changed, but at an
 * overlay's top: so those are made again, and what is the caller's gets an overlay.
 */
function planWay(
  instance: Instance,
  { places }: Scratch,
  own: Operand,
): Numbers {
  const { p, root, stat } = instance;
  const paths = places.map(pathsTo);
  const way = planNumbers(instance, "ways", paths.flat().length + 1);
  const [place, before] = [p.slot("place on the way"), p.slot("ways before")];
  const [inode, uid] = [p.slot("its inode"), p.slot("its owner")];
  for (const each of paths) {
    const [none, found] = [
      p.label("nothing of the caller's"),
      p.label("found"),
    ];
    set(p, before, way.end);
    for (const path of each) {
      const to = { result: place, failure: none };
      openPlaceInRoot(p, [root, p.text(path)], {}, to);
      statPlace(p, place, { buffer: stat, fields: { ino: inode, uid } });
      close(p, place);
      jumpIf(p, [uid, "==", own], found);
      planAppend(instance, way, inode);
    }
    p.place(none);
    set(p, way.end, before);
    p.place(found);
  }
  return way;
}
