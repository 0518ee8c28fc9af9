/**
 * The words of a line, quoted as in a shell. There is no shell: what one would
 * expand or take as an operator is refused, so that no line means something
 * else here than it seems to.
 */

import type { Bytes } from "../bytes.ts";
import type { BadLine } from "./batch-request.ts";

const BLANK = " \t\n";
/** What follows it to the end of the line, where a word would begin, is said to readers. */
const COMMENT = "#";
/** Operators and expansions. */
const MEANINGFUL = "|&;<>()$`";
/** What a backslash takes its meaning from within double quotes. */
const ESCAPABLE = '"\\$`';
/** What a word is made of as it is, as long as possible. */
const PLAIN = /[^\s'"\\|&;<>()$`]+/y;

/** Splits a line. */
export function splitWords(line: Bytes): readonly Bytes[] | BadLine {
  const words: Bytes[] = [];
  let word: string | null = null;
  for (let at = 0; at < line.length;) {
    const character = line[at]!;
    if (BLANK.includes(character)) {
      if (word !== null) words.push(word as Bytes);
      word = null;
      at += 1;
      continue;
    }
    if (character === COMMENT && word === null) {
      const end = line.indexOf("\n", at);
      at = end < 0 ? line.length : end;
      continue;
    }
    const piece = readPiece(line, at);
    if ("wrong" in piece) return piece;
    word = (word ?? "") + piece.text;
    at = piece.end;
    // A line that is continued is no word.
    if (piece.text === "" && character === "\\" && word === "") word = null;
  }
  if (word !== null) words.push(word as Bytes);
  return words.length > 0 ? words : bad("it is empty");
}

interface Piece {
  readonly text: string;
  /** Where it goes on. */
  readonly end: number;
}

function readPiece(line: Bytes, at: number): Piece | BadLine {
  const character = line[at]!;
  if (character === "'") return readSingle(line, at);
  if (character === '"') return readDouble(line, at);
  if (character === "\\") return readEscape(line, at);
  if (MEANINGFUL.includes(character)) return refuse(character);
  PLAIN.lastIndex = at;
  const text = PLAIN.exec(line)?.[0] ?? character;
  return { text, end: at + text.length };
}

function readSingle(line: Bytes, at: number): Piece | BadLine {
  const end = line.indexOf("'", at + 1);
  if (end < 0) return bad("a quote is not closed");
  return { text: line.slice(at + 1, end), end: end + 1 };
}

function readDouble(line: Bytes, at: number): Piece | BadLine {
  let text = "";
  for (let index = at + 1; index < line.length; index++) {
    const character = line[index]!;
    const next = line[index + 1] ?? "";
    if (character === '"') return { text, end: index + 1 };
    if (character === "$" || character === "`") return refuse(character);
    if (character !== "\\") text += character;
    else if (next === "\n") index += 1;
    else if (next !== "" && ESCAPABLE.includes(next)) {
      text += next;
      index += 1;
    } else text += character;
  }
  return bad("a quote is not closed");
}

function readEscape(line: Bytes, at: number): Piece | BadLine {
  const next = line[at + 1];
  if (next === undefined) return bad("it ends with a backslash");
  return { text: next === "\n" ? "" : next, end: at + 2 };
}

function refuse(character: string): BadLine {
  return {
    wrong: `there is an unquoted ${character} in it, and no shell to take it`,
    hint: "quote it, or let a shell have the line: sh -c '...'",
  };
}

function bad(wrong: string): BadLine {
  return { wrong, hint: null };
}
