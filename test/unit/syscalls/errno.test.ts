/** Names and texts of errnos. */

import { expect, test } from "bun:test";
import {
  ERRNO,
  ERRNO_TABLE,
  errnoName,
  errnoText,
} from "../../../syscalls/errno.table.ts";

test("every number from 1 to 133 has a name, but for the two that Linux never used", () => {
  const numbers = Array.from({ length: 133 }, (_, index) => index + 1);
  expect(numbers.filter((number) => !ERRNO_TABLE.has(number))).toEqual([
    41, 58,
  ]);
  expect(ERRNO_TABLE.size).toBe(131);
});

test("names and numbers lead to each other", () => {
  for (const [name, number] of Object.entries(ERRNO))
    expect(errnoName(number)).toBe(name);
});

test("texts are lower case without a full stop, each different", () => {
  const texts = [...ERRNO_TABLE.values()].map(({ text }) => text);
  for (const text of texts)
    expect(text).toMatch(/^(?:[a-z.]|RFS |.* CSI ).*[^.]$/);
  expect(new Set(texts).size).toBe(texts.length);
});

test("texts correct what misleads", () => {
  expect(errnoText(13)).toBe("permission denied");
  expect(errnoText(28)).toBe(
    "a limit is reached (the kernel says no space left)",
  );
});

test("a number without a name stays a number", () => {
  expect(errnoName(524)).toBe("errno 524");
  expect(errnoText(524)).toBe("unknown error 524");
  expect(errnoName(0)).toBe("errno 0");
});
