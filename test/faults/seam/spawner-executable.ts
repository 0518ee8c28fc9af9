/** In the variant the spawner is encoded at every start, so that its steps can be broken, too. */

import { writeExecutable } from "../../../syscalls/elf-writer.ts";
import { planSpawner } from "../../../src/plan/spawner/plan-spawner.ts";

export function spawnerExecutable(): Uint8Array {
  return writeExecutable(planSpawner());
}
