/** Every example of README, help and man page does what it says. */

import { describe, expect, test } from "bun:test";
import { rule } from "../harness/needs.ts";
import { runOutside } from "../harness/run.ts";
import {
  collectFromPicture,
  collectFromReadme,
  collectFromTables,
} from "./collect.ts";
import { EXAMPLE_ROWS, type ExampleRow } from "./examples.table.ts";
import { exampleHost, HOME, PROJECT } from "./host.ts";

const MARK = "== ended with";

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

function scriptOf(row: ExampleRow): string {
  const { line, before = "", after = "", background = false } = row;
  return `
set -e
${before}
set +e
${line}${background ? " &" : ""}
echo "${MARK} $?"
set -e
${after}
echo "== as it should"
`;
}

async function runExample(row: ExampleRow): Promise<void> {
  const user = row.root === true ? 0 : 1000;
  const { stdout, stderr, status } = await runOutside(
    ["/bin/bash", "-c", scriptOf(row)],
    {
      user,
      cwd: PROJECT,
      env: { HOME },
      stdin: row.input ?? "",
      before: exampleHost(),
      timeout: 60,
    },
  );
  const all = `${stdout}${stderr}`;
  const [said = "", rest = ""] = stdout.split(MARK);
  expect({ all, status: Number(rest.split("\n")[0]) }).toEqual({
    all,
    status: row.status ?? 0,
  });
  if (row.says !== undefined) expect(`${said}${stderr}`).toMatch(row.says);
  expect({ all, status, ended: rest.includes("== as it should") }).toEqual({
    all,
    status: 0,
    ended: true,
  });
}

describe("the example", () => {
  for (const row of EXAMPLE_ROWS)
    rule(row.line, ["root"], () => runExample(row));
});
