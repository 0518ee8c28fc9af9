/**
 * A baked file has all of its Programs in its own bytes, packed: the launch, the
 * starter, and the frame around them. One record is changed, and the whole packed
 * again, for one start.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { bakeRecipe } from "../../src/commands/baked.ts";
import { parseLine } from "../../src/commands/parse-line.ts";
import type { Baked } from "../../src/stage0/baked/baked-file.ts";
import { findNote, parseNote } from "../../src/stage0/baked/note.ts";
import { writePackedFile } from "../../src/stage0/baked/packed-file.ts";
import { RECORD } from "../../syscalls/record.ts";
import { baked } from "../harness/bake.ts";
import { plainProgram } from "../harness/program.ts";
import { runOutside } from "../harness/run.ts";
import type { Subject } from "./break.ts";
import { reporting, takeMark } from "./kinds.ts";
import type { Kind } from "./kinds.ts";
import { newLogin } from "./logins.ts";
import { breakRecord } from "./seam/break.ts";
import { parseCallSteps } from "./steps.ts";

/** A kind of launch, baked. */
export async function makeBakedSubject(kind: Kind): Promise<Subject> {
  const user = newLogin("rootless");
  const { cwd, open } = kind;
  const login = { ...user, cwd, open, before: kind.host(user) };
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
  const { content, places } = bakeAgain(bytes);
  const note = bytes.subarray(findNote(bytes)!.offset);
  return {
    kind,
    steps: parseCallSteps(print.stdout),
    whole: whole.stdout,
    run: async ({ how, program, number }) => {
      const changed = Uint8Array.from(content.bytes);
      breakRecord(
        changed.subarray(places.spans[program].at + number * RECORD.size),
        how,
      );
      writeFileSync(
        file,
        writePackedFile({ ...content, bytes: changed }, places, note),
      );
      try {
        return await runOutside([file], login);
      } finally {
        writeFileSync(file, bytes);
      }
    },
  };
}

/** What the file is unpacked to. */
function bakeAgain(bytes: Buffer): Baked {
  const note = parseNote(bytes);
  const invocation = note === null ? null : parseLine(note.words);
  if (note === null || invocation?.kind !== "launch")
    throw new Error("Not a baked file");
  const { request, name } = invocation;
  const { owner, subordinate } = note;
  const again = bakeRecipe({ request, owner, subordinate }, name);
  if (!bytes.equals(again.bytes)) throw new Error("Another file");
  return again;
}
