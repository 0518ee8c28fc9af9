/** Bytes in and out, and how they are shown. */

import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  bytesFrom,
  bytesOf,
  quote,
  showBytes,
} from "../../../src/plan/bytes.ts";
import { countsFor } from "../syscalls/counts.ts";
import { b } from "./samples.ts";

const anyBytes = fc.uint8Array({ maxLength: 20 });

describe("bytes", () => {
  test("are what the buffer holds, one a character", () => {
    fc.assert(
      fc.property(anyBytes, (buffer) => {
        expect([...Buffer.from(bytesFrom(buffer), "latin1")]).toEqual([
          ...buffer,
        ]);
        expect(bytesFrom(buffer)).toHaveLength(buffer.length);
      }),
      countsFor(1),
    );
  });

  test("are those of a part of a buffer, not of the whole", () => {
    expect(bytesFrom(Buffer.from("abcdef").subarray(2, 4))).toBe(b("cd"));
  });

  test("of a text are its UTF-8", () => {
    expect(bytesOf("é€")).toBe(b("\u00c3\u00a9\u00e2\u0082\u00ac"));
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(Buffer.from(bytesOf(text), "latin1").toString("utf8")).toBe(
          text,
        );
      }),
      countsFor(1),
    );
  });
});

describe("shown", () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ["ASCII as it is", "/a b\"'\\", "/a b\"'\\"],
    ["UTF-8 as text", "\u00c3\u00a9", "é"],
    ["bytes that are no UTF-8", "a\u00ff", "a\\xff"],
    [
      "all that is not ASCII where one byte is no UTF-8",
      "\u00c3\u00a9\u00ff",
      "\\xc3\\xa9\\xff",
    ],
    ["a line feed", "a\nb", "a\\x0ab"],
    ["an escape sequence", "\u001b[2J", "\\x1b[2J"],
    ["DEL", "\u007f", "\\x7f"],
    ["a C1 control in UTF-8", "\u00c2\u009b31m", "\\xc2\\x9b31m"],
    ["a right-to-left override", "\u00e2\u0080\u00ae", "\\xe2\\x80\\xae"],
    ["a line separator", "\u00e2\u0080\u00a8", "\\xe2\\x80\\xa8"],
    ["an overlong slash", "\u00c0\u00af", "\\xc0\\xaf"],
    ["a surrogate", "\u00ed\u00a0\u0080", "\\xed\\xa0\\x80"],
    ["a byte order mark", "\u00ef\u00bb\u00bf", "\ufeff"],
    ["nothing", "", ""],
  ];
  test.each(rows)("%s", (_, bytes, expected) => {
    expect(showBytes(b(bytes))).toBe(expected);
    expect(quote(b(bytes))).toBe(`"${expected}"`);
  });

  test("never a control character, a line break or half a character, whatever the bytes", () => {
    fc.assert(
      fc.property(anyBytes, (buffer) => {
        const text = showBytes(bytesFrom(buffer));
        expect(text).not.toMatch(
          /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u,
        );
        expect(text.isWellFormed()).toBe(true);
      }),
      countsFor(1),
    );
  });
});
