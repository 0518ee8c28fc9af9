/** The spawner's file, evaluated when the artifact is bundled: as a macro, so that nobody plans or encodes it at run time. */

import { writeExecutable } from "../../../syscalls/elf-writer.ts";
import { planSpawner } from "./plan-spawner.ts";

/** In base64. */
export function prebuildSpawner(): string {
  return Buffer.from(writeExecutable(planSpawner())).toString("base64");
}
