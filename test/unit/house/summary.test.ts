/** The closing line of `npm test` is only as good as what is read from Bun's. */

import { expect, test } from "bun:test";
import { parseSkipped, parseSummary } from "../../../tools/summary.ts";

test("the counts of a run are read", () => {
  const output =
    "\n 2 pass\n 2 skip\n 1 todo\n 4 fail\n 1 error\n 1 expect() calls\nRan 9 tests across 3 files. [5.01s]\n";
  expect(parseSummary(output, 1)).toEqual({ passed: 2, failed: 4, skipped: 3 });
});

test("a file that does not load is a failure, though no test of it fails", () => {
  const output =
    " 7 pass\n 0 fail\n 1 error\nRan 7 tests across 1 file. [14.86s]\n";
  expect(parseSummary(output, 1)).toEqual({ passed: 7, failed: 1, skipped: 0 });
});

test("a run that crashed, or ran nothing, has failed", () => {
  expect(parseSummary("(pass) a\n", 139).failed).toBe(1);
  expect(parseSummary("", 0).failed).toBe(1);
  const empty = " 0 pass\n 0 fail\nRan 0 tests across 1 file. [1.00ms]\n";
  expect(parseSummary(empty, 0).failed).toBe(1);
});

test("what a test prints does not count, the closing lines do", () => {
  const output =
    " 9 pass\n 9 fail\n 1 pass\n 0 fail\nRan 1 test across 1 file. [1.00ms]\n";
  expect(parseSummary(output, 0)).toEqual({ passed: 1, failed: 0, skipped: 0 });
});

test("skipped tests are named", () => {
  const report = `<testcase name="a" time="0" />
    <testcase name="needs &quot;root&quot;" classname="">
      <skipped />
    </testcase>`;
  expect(parseSkipped(report)).toEqual(['needs "root"']);
});
