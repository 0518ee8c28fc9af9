/**
 * Owner, extended attributes, mode and time of what was unpacked. Security:
 * nothing becomes another's by what an archive says. Without `keepIds` all is
 * the caller's, and neither a set-id bit (which would let everybody be the
 * caller) nor an access list (which names ids of the image) is kept.
 */

import { ERRNO } from "../../../syscalls/errno.table.ts";
import { quote } from "../../plan/bytes.ts";
import type { Bytes } from "../../plan/bytes.ts";
import { short } from "../../plan/image/entry-path.ts";
import type { Attribute } from "../../plan/image/pax.ts";
import { refuseArchive } from "../../plan/image/refusal.ts";
import type { Moment } from "../../plan/image/tar-header.ts";
import { check, failedWith } from "./directory.ts";
import {
  changeModeAt,
  changeOwnerAt,
  changeTimesAt,
  NOT_FOLLOWED,
} from "./file-calls.ts";
import {
  listAttributesAt,
  removeAttributeAt,
  setAttributeAt,
} from "./attribute-calls.ts";

/** How much of an archive's say counts. */
export interface Policy {
  /** Keep owners; else everything is the caller's. */
  readonly keepIds: boolean;
  /** Keep the setuid and setgid bits of files. */
  readonly keepSetIds: boolean;
  /** Pass over device nodes in silence. */
  readonly ignoreDevices: boolean;
}

/** How many things could not be as the archive has them. */
export interface Losses {
  devices: number;
  attributes: number;
  setIds: number;
}

/** What an entry looks like. */
export interface Dress {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly modified: Moment;
  readonly attributes: readonly Attribute[];
}

export type DressKind = "file" | "directory" | "link";

const SET_ID = 0o6000;
const LAST_ID = 2 ** 32 - 2;
const WITH_IDS =
  /^(user\..*|security\.capability|system\.posix_acl_(access|default))$/;
const WITHOUT_IDS = /^user\./;

/** In this order: a change of owner takes set-id bits and capabilities away. */
export function dressEntry(
  [parent, name]: readonly [number, Bytes],
  dress: Dress,
  kind: DressKind,
  { policy, losses }: { policy: Policy; losses: Losses },
): void {
  if (policy.keepIds) changeOwner([parent, name], dress);
  if (kind !== "link") {
    const bare = kind === "file" && !policy.keepSetIds;
    const mode = bare ? dress.mode & ~SET_ID : dress.mode;
    if (mode !== dress.mode) losses.setIds += 1;
    check(changeModeAt(parent, name, mode), "setting the mode of", name);
  }
  losses.attributes += setAttributes([parent, name], dress.attributes, policy);
  check(
    changeTimesAt(parent, name, dress.modified),
    "setting the time of",
    name,
  );
}

export function changeOwner(
  [parent, name]: readonly [number, Bytes],
  { uid, gid }: Pick<Dress, "uid" | "gid">,
): void {
  const possible = uid >= 0 && uid <= LAST_ID && gid >= 0 && gid <= LAST_ID;
  const result = possible
    ? changeOwnerAt(parent, name, uid, gid, NOT_FOLLOWED)
    : -ERRNO.EINVAL;
  if (result === -ERRNO.EINVAL)
    throw refuseArchive(
      `${quote(short(name))} belongs to ${uid}:${gid}, which is not among your ids`,
      "/etc/subuid and /etc/subgid say which you have; without --as-root all becomes yours",
    );
  if (result < 0) throw failedWith(result, "giving away", name);
}

/** How many could not be set. */
export function setAttributes(
  place: readonly [number, Bytes],
  attributes: readonly Attribute[],
  { keepIds }: Policy,
): number {
  const allowed = keepIds ? WITH_IDS : WITHOUT_IDS;
  let lost = 0;
  for (const attribute of attributes) {
    const set =
      allowed.test(attribute.name) &&
      !attribute.name.includes("\0") &&
      setAttributeAt(place, attribute) >= 0;
    if (!set) lost += 1;
  }
  return lost;
}

/** Gives one entry the attributes that another has, and no others. */
export function copyAttributes(
  from: readonly [number, Bytes],
  to: readonly [number, Bytes],
): void {
  for (const { name } of listAttributesAt(to)) removeAttributeAt(to, name);
  for (const attribute of listAttributesAt(from)) setAttributeAt(to, attribute);
}
