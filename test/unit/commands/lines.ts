/** Command lines for tests: written as text, read as bytes. */

import { bytesOf, type Bytes } from "../../../src/plan/bytes.ts";
import { SelfdockError } from "../../../src/plan/error.ts";
import type { Request } from "../../../src/plan/request.ts";
import type { Invocation } from "../../../src/commands/invocation.ts";
import { parseLine } from "../../../src/commands/parse-line.ts";

/** Words of a line, as UTF-8. */
function wordsOf(words: readonly string[]): readonly Bytes[] {
  return words.map(bytesOf);
}

export function parse(...words: readonly string[]): Invocation {
  return parseLine(wordsOf(words));
}

/** The request of a line that launches. */
export function requestOf(...words: readonly string[]): Request {
  const invocation = parse(...words);
  if (invocation.kind !== "launch") throw new Error(`is ${invocation.kind}`);
  return invocation.request;
}

/** The error of a line that is wrong. */
export function errorOf(...words: readonly string[]): SelfdockError {
  try {
    parse(...words);
  } catch (error) {
    if (error instanceof SelfdockError) return error;
    throw error;
  }
  throw new Error(`no error: ${JSON.stringify(words)}`);
}
