/** One line of the input as a command. */

import { bytesOf } from "../bytes.ts";
import type { Bytes } from "../bytes.ts";
import type { EnvironmentChange } from "../request.ts";
import type { BadLine, BatchCommand, BatchFormat } from "./batch-request.ts";
import { splitWords } from "./split-words.ts";

const KEYS = ["argv", "env", "cwd", "stdin"];

/** Reads a line, without what ends it. */
export function parseCommand(
  line: Bytes,
  format: BatchFormat,
): BatchCommand | BadLine {
  if (format === "json") return parseJson(line);
  if (line.includes("\0")) return bad("there is a NUL in it");
  const argv = splitWords(line);
  if ("wrong" in argv) return argv;
  if (argv[0] === "") return bad("the command's name is empty");
  const rest = { environment: [], workingDirectory: null, stdin: null };
  return { argv, ...rest };
}

function parseJson(line: Bytes): BatchCommand | BadLine {
  let value: unknown;
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    value = JSON.parse(decoder.decode(Buffer.from(line, "latin1")));
  } catch {
    return bad("it is no JSON");
  }
  if (!isObject(value)) return bad("it is no JSON object");
  const unknown = Object.keys(value).find((key) => !KEYS.includes(key));
  if (unknown !== undefined)
    return bad(
      `it has a key ${JSON.stringify(unknown)}`,
      `the keys are ${KEYS.join(", ")}`,
    );
  const { argv, env = null, cwd = null, stdin = null } = value;
  if (!isTexts(argv) || argv.length === 0 || argv[0] === "")
    return bad("argv must be an array of texts, the first not empty");
  const environment = env === null ? [] : parseVariables(env);
  if (environment === null)
    return bad("env must be an object of texts, or null to remove one");
  if (!isPath(cwd)) return bad("cwd must be a text, and not empty");
  if (!isPath(stdin)) return bad("stdin must be a text, and not empty");
  if (line.includes("\\u")) {
    if (hasText(value, (text) => text.includes("\0")))
      return bad("there is a NUL in it");
    if (hasText(value, (text) => !text.isWellFormed()))
      return bad("there is half a surrogate pair in it, which is no character");
  }
  return {
    argv: argv.map(bytesOf),
    environment,
    workingDirectory: cwd === null ? null : bytesOf(cwd),
    stdin: stdin === null ? null : bytesOf(stdin),
  };
}

function parseVariables(env: unknown): readonly EnvironmentChange[] | null {
  if (!isObject(env)) return null;
  const changes: EnvironmentChange[] = [];
  for (const [key, value] of Object.entries(env)) {
    const name = bytesOf(key);
    if (name === "" || name.includes("=")) return null;
    if (value === null) changes.push({ kind: "unset", name });
    else if (typeof value === "string")
      changes.push({ kind: "set", name, value: bytesOf(value) });
    else return null;
  }
  return changes;
}

/** Whether one of its texts, names among them, is such a one. */
function hasText(value: unknown, is: (text: string) => boolean): boolean {
  if (typeof value === "string") return is(value);
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(
    ([key, each]) => is(key) || hasText(each, is),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) && value.every((each) => typeof each === "string")
  );
}

function isPath(value: unknown): value is string | null {
  return value === null || (typeof value === "string" && value !== "");
}

function bad(wrong: string, hint: string | null = null): BadLine {
  return { wrong, hint };
}
