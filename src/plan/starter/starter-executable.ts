/** The starter as a file, of either kind: made when the artifact is bundled; see prebuilt.ts. */

import type { Program } from "../../../syscalls/program.ts";
import { planDirectStart } from "./plan-direct-start.ts";
import { planInit } from "./plan-init.ts";
import { prebuildStarters } from "./prebuilt.ts" with { type: "macro" };

const PREBUILT = prebuildStarters();

/** Which starter: one that makes way for the command, or an init that starts it. */
export type StarterKind = "direct" | "init";

/** The Program that it plays. */
export function planStarter(kind: StarterKind): Program {
  return kind === "init" ? planInit() : planDirectStart();
}

/** Its bytes. */
export function starterExecutable(kind: StarterKind): Uint8Array {
  return Buffer.from(PREBUILT[kind], "base64");
}
