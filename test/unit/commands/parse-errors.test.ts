/** The command line: what each wrong line is told. */

import { describe, expect, test } from "bun:test";
import { renderError } from "../../../src/commands/messages.ts";
import { suggest } from "../../../src/commands/suggest.ts";
import { errorOf, requestOf } from "./lines.ts";
import { WRONG_LINES } from "./wrong-lines.table.ts";

function check(words: readonly string[], message: string, hint: string): void {
  const error = errorOf(...words);
  expect(error.code).toBe("usage");
  expect(renderError(suggest(error))).toEqual([
    { kind: "error", text: message },
    { kind: "hint", text: hint },
  ]);
}

describe.each(Object.entries(WRONG_LINES))("%s", (_, lines) => {
  test.each(lines)("%j", check);
});

/** A line with as many mounts, of two kinds in turn. */
function mountLine(count: number): readonly string[] {
  const mounts = Array.from({ length: count }, (_, at) =>
    at % 2 === 0 ? ["-m", "/a", "/b"] : ["-t", "", "/b"],
  );
  return [...mounts.flat(), "run", "true"];
}

test("1000 mounts are the most, of all kinds together", () => {
  check(
    mountLine(1001),
    "Cannot mount more than 1000 times: --map, --vol, --tmpfs, --hide and --data together reach that limit",
    "map a common parent directory once",
  );
  expect(requestOf(...mountLine(1000)).mounts.length).toBe(1000);
});

test("a value steers no terminal and breaks no line", () => {
  const error = errorOf("-m", "x", "no\x1b]0;pwn\x07\nselfdock: ok\u202e");
  expect(error.message).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/);
  expect(error.message).toContain(
    "\\x1b]0;pwn\\x07\\x0aselfdock: ok\\xe2\\x80\\xae",
  );
});
