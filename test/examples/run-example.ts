/** Runs one example as its row says. */

import { expect } from "bun:test";
import { runOutside } from "../harness/run.ts";
import type { ExampleRow } from "./examples.table.ts";
import { HOME, PROJECT } from "./host.ts";

const MARK = "== ended with";

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

/** Runs it on that host (a `before` of a start) and expects what its row says. */
export async function runExample(
  row: ExampleRow,
  host: readonly string[],
): Promise<void> {
  const user = row.root === true ? 0 : 1000;
  const { stdout, stderr, status } = await runOutside(
    ["/bin/bash", "-c", scriptOf(row)],
    {
      user,
      cwd: PROJECT,
      env: { HOME },
      stdin: row.input ?? "",
      before: host,
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
