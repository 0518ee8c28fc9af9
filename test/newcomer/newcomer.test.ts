/**
 * The first five minutes: a clone in a Debian with Node and npm, the two
 * commands, and README's examples in order. Whole in soak; in the gate with
 * this machine's Node, and the examples that call what is in every Debian.
 */

import { describe, expect } from "bun:test";
import { join } from "node:path";
import { collectFromReadme } from "../examples/collect.ts";
import { EXAMPLE_ROWS } from "../examples/examples.table.ts";
import { exampleHost } from "../examples/host.ts";
import { runExample } from "../examples/run-example.ts";
import { SOAK } from "../faults/soak.ts";
import { changedHost } from "../harness/host.ts";
import { rule, type Need } from "../harness/needs.ts";
import { makeRoom } from "../harness/room.ts";
import { runOutside, type Result } from "../harness/run.ts";
import { lendCertificates, makeDebian, npmVariables } from "./bare-debian.ts";

const CHECKOUT = join(import.meta.dir, "../..");
const NEEDS: readonly Need[] = [
  "root",
  "program:mmdebstrap",
  "program:npm",
  "program:git",
];
/** What an example may call that is not in every Debian. */
const TOOLS =
  /\b(make|cc|gcc|npm|python3|git|docker|parallel|srun|apt-get|debootstrap|import|as-root|alpine|web|batch|bake)\b/;

interface Newcomer {
  readonly root: string;
  /** The clone, which the newcomer owns. */
  readonly clone: string;
}

let made: Newcomer | undefined;

/** What is committed or about to be, as a fresh clone has it. */
function newcomer(): Newcomer {
  if (made !== undefined) return made;
  const clone = makeRoom();
  const copy = `git -c safe.directory='*' ls-files -co --exclude-standard -z | xargs -0 cp -a --parents -t "$1"; chown -R 1000:1000 "$1"`;
  Bun.spawnSync(["sh", "-ec", copy, "sh", clone], { cwd: CHECKOUT });
  const root = makeDebian(SOAK);
  lendCertificates(root);
  made = { root, clone };
  return made;
}

/** A line as the newcomer types it, in the clone. */
function type(line: string, timeout: number): Promise<Result> {
  const { root, clone } = newcomer();
  const script = `mount --bind ${clone} home/me/selfdock; cd /; cd home/me/selfdock`;
  return runOutside(["/bin/bash", "-c", line], {
    cwd: "/home/me/selfdock",
    env: {
      ...npmVariables(),
      HOME: "/home/me",
      PATH: "/opt/node/bin:/usr/bin:/bin",
    },
    before: changedHost(script, root),
    timeout,
  });
}

const LOOK = "npm start -- run sh -c 'id; ps; df -h'";

rule("the first command builds and shows an instance", NEEDS, async () => {
  expect(collectFromReadme()).toContain(LOOK);
  const { status, stdout, stderr } = await type(LOOK, 110);
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(stdout).toMatch(/uid=1000[^]*\n +1 [^]* ps\n[^]* \/\n/);
  // Later calls only run it.
  const again = await type(`npm --silent ${LOOK.slice(4)}`, 30);
  expect(again).toMatchObject({ status: 0, stderr: "" });
  expect(again.stdout).toStartWith("uid=1000");
});

if (SOAK)
  rule(
    "the checks pass, or say which Node they want, and the unit tests pass",
    NEEDS,
    async () => {
      const check = await type("npm run check", 1200);
      const old = check.status !== 0;
      if (old)
        expect(check.stdout).toMatch(/oxlint wants Node 20\.19 or later/);
      // The tests of the house lint, too.
      const names = `{commands,image,plan,stage0,syscalls${old ? "" : ",house"}}`;
      const line = `npx bun test --timeout 60000 test/unit/${names}`;
      const unit = await type(line, 1200);
      expect(unit).toMatchObject({ status: 0 });
    },
  );

describe("README, in order", () => {
  const lines = collectFromReadme().filter(
    (line) => !line.startsWith("npm ") && (SOAK || !TOOLS.test(line)),
  );
  for (const line of lines)
    rule(line, NEEDS, async () => {
      const { root, clone } = newcomer();
      const row = EXAMPLE_ROWS.find((each) => each.line === line)!;
      await runExample(row, exampleHost(root, join(clone, "dist/selfdock")));
    });
});
