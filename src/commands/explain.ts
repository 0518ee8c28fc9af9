/**
 * `selfdock explain`: what an instance shares with the host, or what a baked
 * file does. Security model: the file may be anybody's and say anything. It is
 * read as data, with the caller's own rights, and never executed; what is told is
 * what this program makes of the file's words, and only if that is the file,
 * byte by byte.
 */

import { giveUpSavedRoot } from "../launch/give-up-root.ts";
import { probeInstanceState } from "../launch/probe-instance-state.ts";
import { readBaked } from "../launch/read-baked.ts";
import type { Handover } from "../launch/read-handover.ts";
import { quote } from "../plan/bytes.ts";
import type { Bytes } from "../plan/bytes.ts";
import { SelfdockError } from "../plan/error.ts";
import type { Baked } from "../stage0/baked/baked-file.ts";
import { parseNote } from "../stage0/baked/note.ts";
import type { Note } from "../stage0/baked/note.ts";
import type { Recipe } from "../stage0/baked/recipe.ts";
import { bakeRecipe, renderBaked, renderShellLine } from "./baked.ts";
import type { Invocation } from "./invocation.ts";
import { ownInstances } from "./manage-instances.ts";
import { findInstances, type NamedInstance } from "./name-instances.ts";
import { parseLine } from "./parse-line.ts";
import { renderInstanceState } from "./render-instance-state.ts";

export function explain(
  { what, json }: Extract<Invocation, { kind: "explain" }>,
  handover: Handover,
): string {
  giveUpSavedRoot(handover);
  const found = findRunning(what, handover);
  return found === null
    ? explainFile(what, json, handover)
    : renderInstanceState(found, probeInstanceState(found), json);
}

/** A number, or the name of an instance that runs; a path has a slash. */
function findRunning(word: Bytes, handover: Handover): NamedInstance | null {
  if (word.includes("/")) return null;
  const instances = ownInstances(handover);
  const named = instances.some(({ name }) => name === word);
  if (!named && !/^[1-9][0-9]*$/.test(word)) return null;
  return findInstances([word], instances)[0]!;
}

function explainFile(file: Bytes, json: boolean, handover: Handover): string {
  const { note, again } = recognize(readBaked(file, handover));
  if (note === null)
    throw new SelfdockError(
      "launch",
      `Cannot explain ${quote(file)}: it is no file that selfdock has baked`,
      "selfdock bake makes one; selfdock ps lists your instances",
    );
  if (again === null)
    throw new SelfdockError(
      "launch",
      `Cannot explain ${quote(file)}: it is not, byte by byte, what this selfdock makes of its words`,
      `it says that selfdock ${note.version} has baked it: ask that one, or bake it again`,
    );
  const { baked, recipe } = again;
  if (json) return renderBaked("json", baked, recipe);
  const line = renderShellLine(["selfdock" as Bytes, ...note.words]);
  return `${line}\n\n${renderBaked("words", baked, recipe)}`;
}

/** What a file was baked of, made again. */
interface Again {
  readonly baked: Baked;
  readonly recipe: Recipe;
}

/** What a file says of itself, and what that makes; null: nothing, or not this file. */
export function recognize(bytes: Uint8Array): {
  readonly note: Note | null;
  readonly again: Again | null;
} {
  const note = parseNote(bytes);
  const made = note === null ? null : bakeAgain(note);
  const same = made !== null && Buffer.compare(bytes, made.baked.bytes) === 0;
  return { note, again: same ? made : null };
}

/** The file that the words of the note make, or null: they make none. */
function bakeAgain({ words, owner, subordinate }: Note): Again | null {
  try {
    const invocation = parseLine(words);
    if (invocation.kind !== "launch") return null;
    const { request, name } = invocation;
    const recipe = { request, owner, subordinate };
    return { baked: bakeRecipe(recipe, name), recipe };
  } catch (error) {
    // What cannot be asked for has not been baked.
    if (error instanceof SelfdockError || error instanceof RangeError)
      return null;
    throw error;
  }
}
