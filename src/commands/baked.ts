/** What a baked file is to its users: whose it is, and its Programs in print. */

import { version } from "../../package.json";
import { showBytes } from "../plan/bytes.ts";
import type { Bytes } from "../plan/bytes.ts";
import { makeBaked } from "../stage0/baked/baked-file.ts";
import type { Baked } from "../stage0/baked/baked-file.ts";
import { encodeNote } from "../stage0/baked/note.ts";
import type { Owner, Recipe } from "../stage0/baked/recipe.ts";
import { quoteShell } from "./completion.ts";
import type { DryRun } from "./invocation.ts";
import { renderLaunch } from "./render-dry-run.ts";
import { renderWords } from "./render-words.ts";

/** Makes the file of a recipe; `name` is that of --name. */
export function bakeRecipe(recipe: Recipe, name: Bytes | null): Baked {
  const { request, owner, subordinate } = recipe;
  const words = renderWords(request, name);
  return makeBaked(recipe, encodeNote({ version, words, owner, subordinate }));
}

/** Who may start it. */
export function renderOwner(owner: Owner | null): string {
  return owner === null
    ? "for every user"
    : `for uid ${owner.uid} and gid ${owner.gid} alone`;
}

/** The Programs of the file. */
export function renderBaked(
  form: DryRun,
  { launch, frame, bytes }: Baked,
  { request, owner }: Recipe,
): string {
  return renderLaunch(form, launch, {
    title: "A new instance for:",
    command: request.command,
    mode: "rootless",
    who: renderOwner(owner),
    notes: [
      `${bytes.length} bytes; what is relative is seen from where it is started`,
    ],
    frame,
  });
}

/** A line for a shell. */
export function renderShellLine(words: readonly Bytes[]): string {
  return words
    .map((word) => {
      const text = showBytes(word);
      return /^[\w./:@%+=,~-]+$/.test(text) ? text : quoteShell(text);
    })
    .join(" ");
}
