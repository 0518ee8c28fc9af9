/** Memory mappings: asm/mman.h, linux/mman.h. */

import { flags } from "../flags.ts";

export const PROT = flags("PROT", { NONE: 0, READ: 1, WRITE: 2, EXEC: 4 });

export const MAP = flags("MAP", {
  // First: it holds the bits of SHARED and PRIVATE.
  SHARED_VALIDATE: 0x3,
  SHARED: 0x1,
  PRIVATE: 0x2,
  FIXED: 0x10,
  ANONYMOUS: 0x20,
  GROWSDOWN: 0x100,
  LOCKED: 0x2000,
  NORESERVE: 0x4000,
  POPULATE: 0x8000,
  STACK: 0x20000,
  HUGETLB: 0x40000,
  FIXED_NOREPLACE: 0x100000,
});
