/**
 * The starters' files, evaluated when the artifact is bundled: as a macro, so
 * that a launch neither plans nor encodes them.
 */

import { writeExecutable } from "../../../syscalls/elf-writer.ts";
import type { Program } from "../../../syscalls/program.ts";
import { planDirectStart } from "./plan-direct-start.ts";
import { planInit } from "./plan-init.ts";

/** Their files in base64. */
export function prebuildStarters(): {
  readonly direct: string;
  readonly init: string;
} {
  return {
    direct: fileText(planDirectStart()),
    init: fileText(planInit()),
  };
}

function fileText(starter: Program): string {
  return Buffer.from(writeExecutable(starter)).toString("base64");
}
