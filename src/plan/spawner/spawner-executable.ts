/** The spawner as a file. */

import { prebuildSpawner } from "./prebuilt-spawner.ts" with { type: "macro" };

const PREBUILT = prebuildSpawner();

/** Its bytes. */
export function spawnerExecutable(): Uint8Array {
  return Buffer.from(PREBUILT, "base64");
}
