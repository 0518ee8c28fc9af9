/**
 * A ready-made launch is bytes of the artifact, so there is no seam: one record
 * of a copy is changed in its file, for one start.
 */

import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  openSync,
  readFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { STAGE0_ADDRESS } from "../../src/stage0/handover.ts";
import { makeReady } from "../../src/stage0/ready-made.ts";
import { parseExecutable } from "../../syscalls/elf.ts";
import { IMAGE_OFFSET, writeExecutable } from "../../syscalls/elf-writer.ts";
import { RECORD } from "../../syscalls/record.ts";
import { EMBEDDED_OFFSET } from "../../syscalls/standalone.ts";
import { makeProcessDirectory } from "../harness/base.ts";
import { plainProgram } from "../harness/program.ts";
import type { Result } from "../harness/run.ts";
import { planStarter } from "../../src/plan/starter/starter-executable.ts";
import type { StarterKind } from "../../src/plan/starter/starter-executable.ts";
import { renderProgram } from "../../syscalls/render.ts";
import type { Kind } from "./kinds.ts";
import type { ModeName } from "./logins.ts";
import { breakRecord } from "./seam/break.ts";
import type { Break, ProgramName } from "./seam/break.ts";
import { parseCallSteps, STARTER, type CallStep } from "./steps.ts";

/** Where the records are in a static executable of ours: behind its headers, its entry and the player. */
const STARTER_RECORDS = IMAGE_OFFSET + EMBEDDED_OFFSET;

export interface Patched {
  readonly program: string;
  /** Of its launch and its starter. */
  readonly steps: readonly CallStep[];
  /** Performs `body` while one record of the file is broken. */
  readonly breaking: (
    broken: Break,
    body: () => Promise<Result>,
  ) => Promise<Result>;
}

/** A copy of the shipped program, as this mode starts it. */
export function patchedProgram({ args }: Kind, mode: ModeName): Patched {
  const directory = makeProcessDirectory("/usr/local/lib", false);
  const program = join(directory, "selfdock");
  copyFileSync(plainProgram(), program);
  chownSync(program, 0, 0);
  chmodSync(program, mode === "setuid" ? 0o4755 : 0o755);
  const bytes = readFileSync(program);
  const builds = mode === "root" && args.includes("build");
  const name = builds ? "rootBuild" : mode;
  const starter = builds || args.includes("--init") ? "init" : "direct";
  const { launch, program: address } = makeReady().launches[name];
  const offsets = findRecords(bytes, Number(address.value), starter);
  return {
    program,
    steps: parseCallSteps(
      [
        renderProgram(launch.program),
        STARTER,
        renderProgram(planStarter(starter)),
      ].join("\n"),
    ),
    breaking: async (broken, body) => {
      if (broken.program === "frame") throw new RangeError("no frame here");
      const at = offsets[broken.program] + broken.number * RECORD.size;
      const whole = bytes.subarray(at, at + RECORD.size);
      const changed = Uint8Array.from(whole);
      breakRecord(changed, broken.how);
      writeAt(program, changed, at);
      try {
        return await body();
      } finally {
        writeAt(program, whole, at);
      }
    },
  };
}

/** The file is closed at once: what is open for writing is not executed. */
function writeAt(path: string, bytes: Uint8Array, at: number): void {
  const file = openSync(path, "r+");
  writeSync(file, bytes, 0, bytes.length, at);
  closeSync(file);
}

/** Where the records of the launch and of its starter begin in the file. */
function findRecords(
  bytes: Buffer,
  program: number,
  kind: StarterKind,
): Readonly<Record<Exclude<ProgramName, "frame">, number>> {
  const { headers } = parseExecutable(bytes);
  const segment = headers.find(({ address }) => address === STAGE0_ADDRESS)!;
  const first = segment.offset + program - STAGE0_ADDRESS;
  const starter = bytes.indexOf(writeExecutable(planStarter(kind)), first);
  return { launch: first, starter: starter + STARTER_RECORDS };
}
