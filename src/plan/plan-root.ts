/**
 * The instance's root: a clone of the directory that the user named, put in the
 * place of the process's root, with a cover over everything that is mounted on
 * it. Rootless the kernel clones a tree only with its mounts (EINVAL otherwise);
 * with privilege it is cloned without.
 */

import {
  close,
  openPlace,
  openPlaceInRoot,
} from "../../syscalls/calls/files.ts";
import {
  mountMakeSlave,
  mountSetAttributes,
  openTreeClone,
  pivotRootHere,
  unmountHere,
} from "../../syscalls/calls/mounts.ts";
import { WORKING_DIRECTORY } from "../../syscalls/calls/operands.ts";
import {
  MOUNT_ATTR,
  MOVE_MOUNT,
  MS,
} from "../../syscalls/constants/mount.table.ts";
import { O, RESOLVE } from "../../syscalls/constants/open.table.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import {
  compute,
  jumpIf,
  load,
  loop,
  set,
  tolerate,
} from "../../syscalls/control.ts";
import type { Flags } from "../../syscalls/flags.ts";
import { union } from "../../syscalls/flags.ts";
import { flag } from "../../syscalls/calls/operands.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Label, Slot } from "../../syscalls/program.ts";
import { quote } from "./bytes.ts";
import type { Instance } from "./instance.ts";
import { planFoundPlaces, planKnownPlaces } from "./plan-covered-places.ts";
import type { CoveredPlaces } from "./plan-covered-places.ts";
import { planCoverOfEitherKind, planCoversPlace } from "./plan-covers.ts";
import type { Covers } from "./plan-covers.ts";
import { asRoot } from "./privilege.ts";

/** Mount points that get a filesystem of the instance's own instead of a cover. */
const OWN_PLACES = ["/proc", "/dev", "/tmp"] as const;

/** Mount events come in from the host, so that its unmounts are not held up; none go out. */
export function planPropagation(instance: Instance): void {
  const { p } = instance;
  p.part("keep mounts from reaching the host", () =>
    asRoot(instance, () => mountMakeSlave(p)),
  );
}

/** The new root as a detached mount, and what to cover in it. */
export interface RootSource {
  /** Puts it in the place of the process's root. */
  enter(): void;
  /** Covers the places of other filesystems. */
  cover(covers: Covers): void;
}

export function planRootSource(instance: Instance): RootSource {
  const { p, request } = instance;
  const directory = p.slot("root directory");
  const places = p.part(`use ${quote(request.rootfs)} as the root`, () => {
    const options = { result: directory, subject: quote(request.rootfs) };
    openPlace(
      p,
      [WORKING_DIRECTORY, p.text(request.rootfs)],
      O.DIRECTORY,
      options,
    );
    const found = planPlaces(instance, directory);
    asRoot(instance, () => planClone(instance, directory));
    return found;
  });
  return {
    enter: () =>
      p.part("change the root", () =>
        asRoot(instance, () => planEntering(instance)),
      ),
    cover: (covers) =>
      p.part("cover what is mounted on the root", () =>
        planCovering(instance, places, covers),
      ),
  };
}

/** The list of mounts, seen with the directory as `/`. */
function planPlaces(instance: Instance, directory: Slot): CoveredPlaces {
  const { p, request, facts } = instance;
  if (facts.covered !== null) return planKnownPlaces(instance, facts.covered);
  const find = () => planFoundPlaces(instance, directory);
  if (request.rootfs === "/") return asRoot(instance, find);
  const old = openPlace(p, [WORKING_DIRECTORY, p.text("/")], O.DIRECTORY, {
    result: "old root",
  });
  const enter = (root: Slot) => {
    p.call("fchdir", [root]);
    asRoot(instance, () => void p.call("chroot", [p.text(".")]));
  };
  enter(directory);
  const places = asRoot(instance, find);
  enter(old);
  close(p, old);
  return places;
}

function planClone(instance: Instance, directory: Slot): void {
  const { p, request, facts, root } = instance;
  const rootless = facts.mode === "rootless";
  openTreeClone(p, { at: directory, recursive: rootless, result: root });
  mountSetAttributes(p, root, {
    recursive: rootless,
    set: union(
      MOUNT_ATTR.NOSUID,
      MOUNT_ATTR.NODEV,
      request.action === "run" ? MOUNT_ATTR.RDONLY : NONE,
    ),
    // Without submounts nothing of the host's is held, and what it mounts later must not show up.
    ...(rootless ? {} : { propagation: MS.PRIVATE }),
  });
  close(p, directory);
}

function planEntering({ p, root }: Instance): void {
  const flags = flag("MOVE_MOUNT", MOVE_MOUNT.F_EMPTY_PATH);
  p.call("move_mount", [
    root,
    p.text(""),
    WORKING_DIRECTORY,
    p.text("/"),
    flags,
  ]);
  p.call("fchdir", [root]);
  pivotRootHere(p);
  unmountHere(p);
}

const NONE = 0 as Flags<"MOUNT_ATTR">;

/** Covers each place of the list that the user can reach. */
function planCovering(
  instance: Instance,
  { list, end }: CoveredPlaces,
  covers: Covers,
): void {
  const { p, root } = instance;
  const [at, place, length] = [
    p.slot("offset of the place"),
    p.slot("place"),
    p.slot("length of the place"),
  ];
  const onto = p.slot("place to cover");
  planCoversPlace(instance, covers);
  set(p, at, 0);
  loop(p, "places", (leave, again) => {
    jumpIf(p, [at, "==", end], leave);
    compute(p, place, [addressOf(list), "+", at]);
    p.control("find", [place, 4096, 0], { result: length });
    compute(p, at, [at, "+", length]);
    compute(p, at, [at, "+", 1]);
    planOwnPlaces(instance, place, again);
    const unreachable = {
      result: onto,
      errnos: [ERRNO.EACCES, ERRNO.ENOENT],
      then: again,
    };
    tolerate(
      p,
      unreachable,
      (options) =>
        void openPlaceInRoot(
          p,
          [root, place],
          { flags: O.NOFOLLOW, resolve: RESOLVE.NO_SYMLINKS },
          options,
        ),
    );
    const cover = p.slot("cover");
    asRoot(instance, () =>
      planCoverOfEitherKind(instance, covers, { onto, cover }),
    );
    close(p, onto);
  });
}

/** Goes on at `next` if the place is one of our own; each is shorter than eight bytes. */
function planOwnPlaces({ p }: Instance, place: Slot, next: Label): void {
  const [word, part] = [
    p.slot("start of the place"),
    p.slot("as long as our own"),
  ];
  load(p, word, 8, [place, 0]);
  for (const own of OWN_PLACES) {
    const bytes = Buffer.alloc(8);
    bytes.write(own);
    const mask = 2 ** (8 * (own.length + 1)) - 1; // with the NUL
    compute(p, part, [word, "&", shown(mask, `0x${mask.toString(16)}`)]);
    jumpIf(
      p,
      [part, "==", shown(bytes.readBigUInt64LE(), quote(own as never))],
      next,
    );
  }
}
