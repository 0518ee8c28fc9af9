/**
 * A baked file has all of its Programs in its own bytes: the launch, the
 * starter, and the frame around them. One record of a copy is changed for one
 * start.
 */

import { readFileSync } from "node:fs";
import { bakeRecipe } from "../../src/commands/baked.ts";
import { parseLine } from "../../src/commands/parse-line.ts";
import { planStarter } from "../../src/plan/starter/starter-executable.ts";
import { parseNote } from "../../src/stage0/baked/note.ts";
import { writeExecutable } from "../../syscalls/elf-writer.ts";
import { RECORD } from "../../syscalls/record.ts";
import { baked } from "../harness/bake.ts";
import { plainProgram } from "../harness/program.ts";
import { runOutside } from "../harness/run.ts";
import type { Subject } from "./break.ts";
import { reporting, takeMark } from "./kinds.ts";
import type { Kind } from "./kinds.ts";
import { newLogin } from "./logins.ts";
import { STARTER_RECORDS, writeAt } from "./patched.ts";
import { breakRecord } from "./seam/break.ts";
import type { ProgramName } from "./seam/break.ts";
import { parseCallSteps } from "./steps.ts";

/** A kind of launch, baked. */
export async function makeBakedSubject(kind: Kind): Promise<Subject> {
  const user = newLogin("rootless");
  const login = { ...user, cwd: kind.cwd, before: kind.host(user) };
  const line = [...kind.args, ...reporting(kind.room)];
  const file = baked(line, user);
  const print = await runOutside(
    [plainProgram(), "bake", "--dry-run=steps", "-o", "x", ...line],
    login,
  );
  const whole = await runOutside([file], login);
  if (whole.status !== 0 || whole.stderr !== "" || !takeMark(kind.room))
    throw new Error(`The unbroken ${kind.name} fails: ${whole.stderr}`);
  const bytes = readFileSync(file);
  const offsets = findRecords(bytes);
  return {
    kind,
    steps: parseCallSteps(print.stdout),
    whole: whole.stdout,
    run: async ({ how, program, number }) => {
      const at = offsets[program] + number * RECORD.size;
      const record = bytes.subarray(at, at + RECORD.size);
      const changed = Uint8Array.from(record);
      breakRecord(changed, how);
      writeAt(file, changed, at);
      try {
        return await runOutside([file], login);
      } finally {
        writeAt(file, record, at);
      }
    },
  };
}

/** Where the records of each Program begin in the file. */
function findRecords(bytes: Buffer): Readonly<Record<ProgramName, number>> {
  const note = parseNote(bytes);
  const invocation = note === null ? null : parseLine(note.words);
  if (note === null || invocation?.kind !== "launch")
    throw new Error("Not a baked file");
  const { request, name } = invocation;
  const { owner, subordinate } = note;
  const { launch, records } = bakeRecipe({ request, owner, subordinate }, name);
  const starter = writeExecutable(planStarter(launch.starter));
  return {
    ...records,
    starter: bytes.indexOf(starter, records.launch) + STARTER_RECORDS,
  };
}
