/** Every example of README, help and man page does what it says. */

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { COMMANDS } from "../../src/commands/commands.table.ts";
import { OPTIONS } from "../../src/commands/options.table.ts";
import { rule } from "../harness/needs.ts";
import {
  collectFromPicture,
  collectFromReadme,
  collectFromTables,
  collectTypeScript,
} from "./collect.ts";
import { EXAMPLE_ROWS } from "./examples.table.ts";
import { exampleHost } from "./host.ts";
import { runExample } from "./run-example.ts";

/** The two commands of the checkout; test/newcomer runs them. */
const OF_THE_CHECKOUT = ["npm start -- run sh -c 'id; ps; df -h'", "npm test"];

test("every example has one row, and every row is an example", () => {
  const rows = EXAMPLE_ROWS.map(({ line }) => line);
  const shown = new Set([
    ...collectFromReadme(),
    ...collectFromPicture(),
    ...collectFromTables(),
  ]);
  for (const line of OF_THE_CHECKOUT) expect(shown.delete(line)).toBe(true);
  expect([...shown].filter((line) => !rows.includes(line))).toEqual([]);
  expect(rows.filter((line) => !shown.has(line))).toEqual([]);
  expect(rows.filter((line, at) => rows.indexOf(line) !== at)).toEqual([]);
});

test("what README shows of the library is in an example that is run", () => {
  const code = collectTypeScript();
  const run = readFileSync(
    join(import.meta.dir, "../../examples/run.ts"),
    "utf8",
  );
  expect(code.length).toBeGreaterThan(0);
  for (const each of code) expect(run).toContain(each);
});

test("README names every command and every option", () => {
  const text = readFileSync(join(import.meta.dir, "../../README.md"), "utf8");
  const names = [
    ...COMMANDS.map(({ name }) => `selfdock (\\[OPTIONS\\] )?(run\\|)?${name}`),
    ...OPTIONS.map(({ name }) => `--${name}\\b`),
  ];
  expect(names.filter((name) => !new RegExp(name).test(text))).toEqual([]);
});

describe("the example", () => {
  for (const row of EXAMPLE_ROWS)
    rule(row.line, ["root"], () => runExample(row, exampleHost()));
});
