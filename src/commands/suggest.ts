/** What the user may have meant by a word that selfdock does not know. Loaded only then. */

import { distance } from "fastest-levenshtein";
import { showBytes } from "../plan/bytes.ts";
import { SelfdockError } from "../plan/error.ts";
import { HABITS } from "./habits.table.ts";
import { UnknownWord } from "./usage-error.ts";

/** Beyond this no known word is near, and the comparison would take long. */
const LONGEST = 32;
const MOST = 2;

/** Without its dashes, so that they do not make unlike words alike. */
function bare(word: string): string {
  return word.replace(/^-+/, "").toLowerCase();
}

function letters(word: string): string {
  return Array.from(word).toSorted().join("");
}

/** Letters that changed places (`rnu`), which count as two edits. */
function sameLetters(one: string, other: string): boolean {
  return letters(one) === letters(other);
}

/** The candidates that `word` could be a slip of, nearest first. */
function nearest({ word, candidates }: UnknownWord): readonly string[] {
  const given = bare(word);
  if (given.length < 2 || given.length > LONGEST) return [];
  return candidates
    .map((candidate) => {
      const known = bare(candidate);
      const alike =
        (known.length > 1 && known.startsWith(given)) ||
        sameLetters(given, known);
      return { candidate, known, far: alike ? 0 : distance(given, known) };
    })
    .filter(
      ({ known, far }) =>
        far <= Math.floor(Math.max(known.length, given.length) / 3),
    )
    .toSorted((a, b) => a.far - b.far)
    .slice(0, MOST)
    .map(({ candidate }) => candidate);
}

/** The error with a better hint, if one of an unknown word has one; else the error as it is. */
export function suggest(error: SelfdockError): SelfdockError {
  const unknown = error.cause;
  if (!(unknown instanceof UnknownWord)) return error;
  const habit = Object.hasOwn(HABITS, unknown.word)
    ? HABITS[unknown.word]
    : undefined;
  const words = nearest(unknown).map((word) => `"${word}"`);
  if (habit === undefined && words.length === 0) return error;
  const hint =
    habit === undefined
      ? `did you mean ${words.join(" or ")}?`
      : `in place of ${showBytes(unknown.word)}: ${habit}`;
  return new SelfdockError(error.code, error.message, hint, unknown);
}
