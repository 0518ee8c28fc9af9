/** What stage 0 fills an order table with: rows, pointers and texts of its own, behind the table. */

import { shown } from "../../syscalls/program.ts";
import { MOUNT_ROW, ORDER, ORDER_ADDRESS } from "./order-table.ts";

/** As many rows and numbers as stage 0 takes. */
export const MOST = {
  mounts: 64,
  kept: 32,
  variables: 1024,
  changes: 32,
} as const;
const KEPT = ORDER_ADDRESS + ORDER.size;
const MOUNTS = KEPT + 8 * MOST.kept;
const VARIABLES = MOUNTS + MOUNT_ROW.size * MOST.mounts;
const TEXTS = VARIABLES + 8 * (MOST.variables + 1);
const TEXTS_SIZE = 2 ** 16;
/** The addresses of those. */
export const ORDER_ROOM = {
  kept: shown(KEPT, "&descriptors that are kept"),
  mounts: shown(MOUNTS, "&mounts"),
  variables: shown(VARIABLES, "&new environment"),
  texts: shown(TEXTS, "&new variables"),
  textsEnd: shown(TEXTS + TEXTS_SIZE, "&end of the new variables"),
} as const;
export const ORDER_END = TEXTS + TEXTS_SIZE;
