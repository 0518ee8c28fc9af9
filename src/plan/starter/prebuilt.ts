/**
 * The starters' files, evaluated when the artifact is bundled: as a macro, so
 * that a launch neither plans nor encodes them.
 */

import { writeExecutable } from "../../../syscalls/elf-writer.ts";
import type { Program } from "../../../syscalls/program.ts";
import { planDirectStart } from "./plan-direct-start.ts";
import { planInit } from "./plan-init.ts";

/** Files for those that report on that descriptor, in base64. */
export function prebuildStarters(report: number): {
  readonly direct: string;
  readonly init: string;
} {
  return {
    direct: fileText(planDirectStart(report)),
    init: fileText(planInit(report)),
  };
}

function fileText(starter: Program): string {
  return Buffer.from(writeExecutable(starter)).toString("base64");
}
