/** A real use of batch: a linter over the files of a Debian source package, each in an instance of its own. */

import { expect } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseResults } from "../harness/batch-results.ts";
import { debianSource } from "../harness/debian-source.ts";
import { rule } from "../harness/needs.ts";
import { plainProgram } from "../harness/program.ts";
import { makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";

const COUNT = process.env["SELFDOCK_SOAK"] === "1" ? 1000 : 50;
const PATIENCE_SECONDS = 900;
/** Whatever the order in which Python finds things, it is the same for both. */
const LINTER = "env PYTHONHASHSEED=0 pyflakes3";

/** So many files of a tree, from all of it, by their paths within. */
function filesOf(source: string): readonly string[] {
  const all = readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".py"))
    .toSorted();
  expect(all.length).toBeGreaterThanOrEqual(COUNT);
  const stride = Math.floor(all.length / COUNT);
  return all.filter((_, at) => at % stride === 0).slice(0, COUNT);
}

rule(
  `${COUNT} files of a Debian source package go through a linter as they do without instances`,
  ["root", "program:apt-get", "program:dpkg-source", "program:pyflakes3"],
  async () => {
    const source = debianSource("pylint");
    const files = filesOf(source);
    const room = makeRoom({ bare: {}, batch: {} });
    const told = (place: string, number: number, end: string) =>
      readFileSync(join(room, place, `${number}.${end}`), "latin1");
    const each = `${LINTER} "$1" > "$2.out" 2> "$2.err"; echo $? > "$2.status"`;
    const pairs = files.map((file, at) => `${file}\n${room}/bare/${at + 1}\n`);
    const bare = await runOutside(
      ["/usr/bin/xargs", "-d\\n", "-n2", "-P2", "sh", "-c", each, "sh"],
      { cwd: source, stdin: pairs.join(""), timeout: PATIENCE_SECONDS },
    );
    expect(bare).toMatchObject({ status: 0, stderr: "" });
    const options = ["-m", ".", ".", "--net", "none", "batch", "-0", "--json"];
    const batch = await runOutside(
      [plainProgram(), ...options, "--output-dir", join(room, "batch")],
      {
        cwd: source,
        stdin: files.map((file) => `${LINTER} '${file}'\0`).join(""),
        timeout: PATIENCE_SECONDS,
      },
    );
    const results = parseResults(batch.stdout);
    expect(results).toHaveLength(COUNT);
    for (const { line, status } of results) {
      const file = files[line - 1]!;
      const [outside, inside] = [
        { status: told("bare", line, "status"), place: "bare" },
        { status: `${status}\n`, place: "batch" },
      ].map(({ status: ended, place }) => ({
        file,
        status: ended,
        out: told(place, line, "out"),
        err: told(place, line, "err"),
      }));
      expect(inside).toEqual(outside);
    }
    // It has found something, and not everywhere.
    const failed = results.filter(({ status }) => status === 1).length;
    expect(failed).toBeGreaterThan(COUNT / 20);
    expect(failed).toBeLessThan(COUNT);
    console.log(
      `linter: ${COUNT} files, something in ${failed}; ${batch.stderr.trim().split("\n").at(-1)}`,
    );
  },
);
