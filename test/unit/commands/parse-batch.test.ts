/** `batch`: what its own options say. */

import { expect, test } from "bun:test";
import { parse } from "./lines.ts";

const lines: readonly [readonly string[], object][] = [
  [["batch", "-j8"], { jobs: 8 }],
  [["-j8", "batch", "f"], { jobs: 8, file: "f" }],
  [["batch", "-j", "1024"], { jobs: 1024 }],
  [["batch"], { jobs: null, seconds: null, file: null }],
  [["batch", "--timeout", "0.001"], { seconds: 0.001 }],
  [["batch", "--timeout=90.5"], { seconds: 90.5 }],
];
test.each(lines)("%j", (words, batch) => {
  expect(parse(...words)).toMatchObject({ kind: "batch", batch });
});
