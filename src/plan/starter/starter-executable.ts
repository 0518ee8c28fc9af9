/**
 * The starter as a file. The usual ones, of launches that keep no descriptor
 * number 3, are made when the artifact is bundled; see prebuilt.ts.
 */

import { writeExecutable } from "../../../syscalls/elf-writer.ts";
import type { Program } from "../../../syscalls/program.ts";
import { planDirectStart } from "./plan-direct-start.ts";
import { planInit } from "./plan-init.ts";
import { prebuildStarters } from "./prebuilt.ts" with { type: "macro" };

const USUAL_REPORT = 3;
const PREBUILT = prebuildStarters(3);

/** Which starter: with an init or without, and the pipe that it reports on. */
export interface StarterKind {
  readonly init: boolean;
  readonly report: number;
}

/** The Program that it plays. */
export function planStarter({ init, report }: StarterKind): Program {
  return init ? planInit(report) : planDirectStart(report);
}

/** Its bytes. */
export function starterExecutable(kind: StarterKind): Uint8Array {
  if (kind.report !== USUAL_REPORT) return writeExecutable(planStarter(kind));
  return Buffer.from(kind.init ? PREBUILT.init : PREBUILT.direct, "base64");
}
