/** What statmount(2) and listmount(2) are asked for: linux/mount.h, Linux 6.8. */

import { flags } from "../flags.ts";

/** The request and the answer mask of statmount(2). */
export const STATMOUNT = flags("STATMOUNT", {
  SB_BASIC: 0x1,
  MNT_BASIC: 0x2,
  PROPAGATE_FROM: 0x4,
  MNT_ROOT: 0x8,
  MNT_POINT: 0x10,
  FS_TYPE: 0x20,
  /** Linux 6.11. */
  MNT_NS_ID: 0x40,
  /** Linux 6.11. */
  MNT_OPTS: 0x80,
  /** Linux 6.13. */
  FS_SUBTYPE: 0x100,
  /** Linux 6.13. */
  SB_SOURCE: 0x200,
  /** Linux 6.13. */
  OPT_ARRAY: 0x400,
  /** Linux 6.13. */
  OPT_SEC_ARRAY: 0x800,
  /** Linux 6.15. */
  SUPPORTED_MASK: 0x1000,
  /** Linux 6.15. */
  MNT_UIDMAP: 0x2000,
  /** Linux 6.15. */
  MNT_GIDMAP: 0x4000,
});

/** The `mnt_id` with which listmount(2) starts at the caller's root mount. */
export const LSMT_ROOT = 0xffff_ffff_ffff_ffffn;

/** listmount(2), Linux 6.11. */
export const LISTMOUNT = flags("LISTMOUNT", { REVERSE: 1 });
