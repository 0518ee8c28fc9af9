/**
 * A Debian from nothing: debootstrap's two stages, a compiler by apt, and make
 * in it; and mmdebstrap. By an ordinary user with --as-root, and by root. The
 * mirror is the one that this machine's apt is configured with.
 */

import { expect } from "bun:test";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { aptArchive } from "../harness/archive.ts";
import { rule, type Need } from "../harness/needs.ts";
import { plainProgram } from "../harness/program.ts";
import { makeRoom, USER } from "../harness/room.ts";
import { type Result, runOutside } from "../harness/run.ts";
import { treeState } from "../harness/tree-state.ts";
import { SUBORDINATE, subordinateHost } from "../harness/subordinate.ts";

const PATIENCE = 110;
const NEEDS: readonly Need[] = [
  "root",
  "program:debootstrap",
  "program:mmdebstrap",
  "program:newuidmap",
];
const MAKEFILE = "hello: hello.c\n\tcc -o hello hello.c\n";
const SOURCE = '#include <stdio.h>\nint main() { return puts("hello") < 0; }\n';

/** Who builds, and how. */
interface Builder {
  readonly name: string;
  readonly user: number;
  readonly option: readonly string[];
  /** The id on the host of a user inside. */
  readonly outside: (inside: number) => number;
}

const BUILDERS: readonly Builder[] = [
  {
    name: "by an ordinary user with --as-root",
    user: USER,
    option: ["--as-root"],
    outside: (inside) => (inside === 0 ? USER : SUBORDINATE.first + inside - 1),
  },
  { name: "by root", user: 0, option: [], outside: (inside) => inside },
];

function runAs(
  { user }: Builder,
  words: readonly string[],
  cwd = "/",
): Promise<Result> {
  const before = subordinateHost();
  const command = [plainProgram(), ...words];
  return runOutside(command, { user, before, cwd, timeout: PATIENCE });
}

/** Fails with what the program said. */
async function mustRun(...given: Parameters<typeof runAs>): Promise<string> {
  const result = await runAs(...given);
  if (result.status !== 0)
    throw new Error(
      `${given[1].join(" ")}:\n${result.stdout}\n${result.stderr}`,
    );
  return result.stdout;
}

/** What a finished Debian must say of itself. */
async function expectDebian(builder: Builder, root: string): Promise<void> {
  const run = ["-r", root, ...builder.option, "run", "sh", "-c"];
  expect(await mustRun(builder, [...run, "dpkg --audit; echo shell"])).toBe(
    "shell\n",
  );
  const owners =
    "stat -c '%U:%G %a' /etc/shadow /var/mail /usr/bin/passwd /root";
  expect(await mustRun(builder, [...run, owners])).toBe(
    "root:shadow 640\nroot:mail 2775\nroot:root 4755\nroot:root 700\n",
  );
  expect(statSync(join(root, "etc/shadow"))).toMatchObject({
    uid: builder.outside(0),
    gid: builder.outside(42),
  });
}

/** What belongs to the user or to a subordinate id, is newer than STAMP, and lies outside of the tests' own directories. */
function strays(stamp: string): string {
  const last = SUBORDINATE.first + SUBORDINATE.count;
  const ids = `( -uid ${USER} -o ( -uid +${SUBORDINATE.first - 1} -uid -${last} ) )`;
  const prune = `( -path /var/tmp/selfdock-test-* -o -path /proc -o -path /sys ) -prune -o`;
  const words = `/ ${prune} -newercm ${stamp} ${ids} -print`.split(" ");
  return Bun.spawnSync(["find", ...words]).stdout.toString();
}

for (const builder of BUILDERS) {
  const room = makeRoom({ source: { Makefile: MAKEFILE, "hello.c": SOURCE } });
  const root = join(room, "debian");
  // debootstrap knows two ways to do without mknod; this variable chooses them.
  const words = ["-e", "container", "lxc", "build", ...builder.option];

  rule(`debootstrap --foreign ${builder.name}`, NEEDS, async () => {
    const stamp = join(room, "stamp");
    writeFileSync(stamp, "");
    const { suite, address } = aptArchive();
    const how = ["--foreign", "--variant=minbase", suite, root, address];
    await mustRun(builder, ["-v", room, ".", ...words, "debootstrap", ...how]);
    expect(existsSync(join(root, "debootstrap/debootstrap"))).toBe(true);
    if (builder.user !== 0) expect(strays(stamp)).toBe("");
  });

  rule(`its second stage ${builder.name}`, NEEDS, async () => {
    const stamp = join(room, "stamp");
    writeFileSync(stamp, "");
    const stage = ["/debootstrap/debootstrap", "--second-stage"];
    await mustRun(builder, ["-r", root, ...words, ...stage]);
    await expectDebian(builder, root);
    if (builder.user !== 0) expect(strays(stamp)).toBe("");
  });

  rule(`apt-get install of a compiler ${builder.name}`, NEEDS, async () => {
    const install =
      "apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev make";
    await mustRun(builder, ["-r", root, ...words, "sh", "-c", install]);
    await expectDebian(builder, root);
  });

  // Root, without subordinate ids, is one user inside: apt wants its own.
  if (builder.user !== 0)
    rule(
      `apt-get install into memory ${builder.name}, without a trace`,
      NEEDS,
      async () => {
        const before = await treeState(root);
        const install =
          "apt-get install -y --no-install-recommends less && dpkg --audit && less --version | head -1 && dpkg -s less | grep ^Status";
        const into = ["-r", root, "--scratch", "--as-root", "run", "sh", "-c"];
        const said = await mustRun(builder, [...into, install]);
        expect(said).toMatch(/\nless \d+ .*\nStatus: install ok installed\n$/);
        expect(await treeState(root)).toBe(before);
        const after = ["-r", root, ...builder.option, "run", "sh", "-c"];
        expect(
          await mustRun(builder, [...after, "command -v less || echo none"]),
        ).toBe("none\n");
      },
    );

  rule(`make in that Debian ${builder.name}`, NEEDS, async () => {
    const source = join(room, "source");
    const user = { ...builder, user: USER };
    await mustRun(user, ["-r", root, "-v", ".", ".", "run", "make"], source);
    const hello = ["-r", root, "-m", ".", ".", "run", "./hello"];
    expect(await mustRun(user, hello, source)).toBe("hello\n");
    expect(statSync(join(source, "hello")).uid).toBe(USER);
  });

  rule(`mmdebstrap ${builder.name}`, NEEDS, async () => {
    const other = join(room, "other");
    const { suite, address } = aptArchive();
    const how = ["--mode=root", "--variant=minbase", suite, other, address];
    const command = ["build", ...builder.option, "mmdebstrap", ...how];
    await mustRun(builder, ["-v", room, ".", ...command]);
    await expectDebian(builder, other);
  });
}
