/** Messages: one line each, no control characters, colours only where they are wanted. */

import { describe, expect, test } from "bun:test";
import { bytesOf } from "../../../src/plan/bytes.ts";
import { SelfdockError } from "../../../src/plan/error.ts";
import {
  escapeText,
  renderError,
  renderLine,
  wantsColour,
} from "../../../src/commands/messages.ts";

test("an error is a line, its hint another", () => {
  expect(renderError(new SelfdockError("launch", "Cannot x: y", "z"))).toEqual([
    { kind: "error", text: "Cannot x: y" },
    { kind: "hint", text: "z" },
  ]);
  expect(renderError(new SelfdockError("launch", "Cannot x: y"))).toEqual([
    { kind: "error", text: "Cannot x: y" },
  ]);
});

test("an error that nobody expected says that it is a bug", () => {
  expect(renderError(new TypeError("a\nb"))[0]?.text).toBe(
    "Cannot go on: TypeError: a\nb",
  );
  expect(renderError("odd")[1]?.text).toContain("bug in selfdock");
});

test("each line says whose it is", () => {
  expect(renderLine({ kind: "error", text: "Cannot" }, false)).toBe(
    "selfdock: Cannot\n",
  );
  expect(renderLine({ kind: "warning", text: "w" }, false)).toBe(
    "selfdock: warning: w\n",
  );
  expect(renderLine({ kind: "hint", text: "h" }, false)).toBe(
    "selfdock: hint: h\n",
  );
  expect(renderLine({ kind: "hint", text: "h" }, true)).toBe(
    "\x1b[36mselfdock: hint: \x1b[39mh\n",
  );
});

test("what steers a terminal is shown as bytes", () => {
  expect(escapeText("a\x1b[2J\r\n\t\x7f\x9b\u2028\u202e é")).toBe(
    "a\\x1b[2J\\x0d\\x0a\\x09\\x7f\\xc2\\x9b\\xe2\\x80\\xa8\\xe2\\x80\\xae é",
  );
});

describe("colours", () => {
  const lines: readonly [boolean, readonly string[], boolean][] = [
    [true, ["TERM=xterm"], true],
    [false, ["TERM=xterm"], false],
    [true, ["TERM=dumb"], false],
    [true, ["TERM="], false],
    [true, [], false],
    [true, ["TERM=xterm", "NO_COLOR=1"], false],
    [true, ["TERM=xterm", "NO_COLOR=0"], false],
    [true, ["TERM=xterm", "NO_COLOR="], true],
    [true, ["TERM=xterm", "NO_COLOR"], true],
    [true, ["TERM=dumb", "TERM=xterm"], false],
  ];
  test.each(lines)(
    "terminal %j, environment %j: %j",
    (terminal, environment, wanted) => {
      expect(wantsColour(terminal, environment.map(bytesOf))).toBe(wanted);
    },
  );
});
