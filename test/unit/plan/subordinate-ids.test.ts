/** Which subordinate ids are asked for: subuid(5). */

import { expect, test } from "bun:test";
import {
  idMapRows,
  parseLogins,
  parseRanges,
} from "../../../src/plan/subordinate-ids.ts";
import { b } from "./samples.ts";

const PASSWD = b(
  "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/:/bin/sh\nalias:x:1000:5::/:\nbob:x:1001:1000::/:\n\n:::\n",
);

test("a user has every login name of the id, and no other's", () => {
  expect(parseLogins(PASSWD, 1000)).toEqual(["ann", "alias"]);
  expect(parseLogins(PASSWD, 1)).toEqual([]);
  expect(parseLogins(b(""), 0)).toEqual([]);
});

test("ranges of another user are not asked for", () => {
  const text = b("ann:100000:65536\nbob:200000:65536\n1000:300000:1\n");
  expect(parseRanges(text, ["1000", "ann"], 1000)).toEqual([
    { first: 100_000, count: 65_536 },
    { first: 300_000, count: 1 },
  ]);
});

test("what is no range, overlaps, or holds the own id is passed over", () => {
  const lines = [
    "ann",
    "ann:",
    "ann:1",
    "ann:x:1",
    "ann:-1:5",
    "ann:1:0",
    "ann:0x10:5",
    "ann:999:2",
    "ann:1000:1",
    "ann:4294967290:6",
    "ann:9999999999:1",
    "ann:100000:10",
    "ann:100005:10",
    "ann:99995:10",
  ];
  expect(parseRanges(b(lines.join("\n")), ["ann"], 1000)).toEqual([
    { first: 100_000, count: 10 },
  ]);
  const last = b("ann:4294967290:5");
  expect(parseRanges(last, ["ann"], 1000)).toHaveLength(1);
});

test("no map is longer than the kernel takes", () => {
  const lines = Array.from({ length: 1000 }, (_, n) => `ann:${2000 + n}:1`);
  const ranges = parseRanges(b(lines.join("\n")), ["ann"], 1000);
  expect(ranges.length).toBeLessThan(340);
});

test("0 inside is the caller, and the rest follows without a hole", () => {
  const ranges = [
    { first: 100_000, count: 65_536 },
    { first: 5000, count: 3 },
  ];
  expect(idMapRows(1000, ranges)).toEqual([
    [0, 1000, 1],
    [1, 100_000, 65_536],
    [65_537, 5000, 3],
  ]);
  expect(idMapRows(7, [])).toEqual([[0, 7, 1]]);
});
