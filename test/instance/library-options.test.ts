/** Options of the library that a program gives in its own way: what lies in memory, who is root, what an image says, and names. */

import { describe, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { plan, run, spawn } from "../../src/index.ts";
import type { Options } from "../../src/selfdock.d.ts";
import { runProgram } from "../harness/library.ts";
import { rootless } from "../harness/modes.ts";
import { rule } from "../harness/needs.ts";
import { errorOf } from "../harness/rejection.ts";
import { entry, makeRoom, USER } from "../harness/room.ts";
import { busyboxRoot } from "../harness/roots.ts";
import { SUBORDINATE, subordinateHost } from "../harness/subordinate.ts";
import { treeState } from "../harness/tree-state.ts";

async function told(script: string, options: Options): Promise<string> {
  const { stdout, stderr } = await run(["sh", "-c", script], options);
  return stdout.text() + stderr.text();
}

describe("data", () => {
  test("is a read-only file in each instance, byte for byte, where nothing need be", async () => {
    const bytes = new Uint8Array(3_000_000).map((_, at) => at * 7);
    using planned = plan({
      data: [
        ["text\n", "/etc/hostname"],
        [bytes, "/missing/deep/bytes"],
        ["", "/missing/empty"],
      ],
    });
    bytes.fill(0); // What changes later is not in it.
    const script =
      "cat /etc/hostname; stat -c %a%s /missing/empty; (: > /etc/hostname) 2>&-; echo $?; cat /missing/deep/bytes";
    const expected = `text\n4440\n2\n`;
    for (let turn = 0; turn < 3; turn++) {
      const { stdout } = await planned.run(["sh", "-c", script]);
      const head = stdout.bytes.subarray(0, expected.length);
      expect(Buffer.from(head).toString()).toBe(expected);
      const rest = stdout.bytes.subarray(expected.length);
      expect(rest).toHaveLength(bytes.length);
      expect(rest.every((byte, at) => byte === ((at * 7) & 255))).toBe(true);
    }
  });

  test("later mounts lie on top, and other calls have their own", async () => {
    const [one, two] = await Promise.all([
      told("cat /x; ls /y", { data: [["one", "/x"]], hide: ["/x"] }),
      told("cat /x", { data: [["two", "/x"]] }),
    ]);
    expect(one).not.toContain("one");
    expect(two).toBe("two");
    const long = "x".repeat(1000);
    for (const end of ["a", "b"])
      expect(await told("cat /x", { data: [[long + end, "/x"]] })).toBe(
        long + end,
      );
  });

  for (const [options, message] of [
    [
      { data: [["x", "here"]] },
      'Cannot use "here" as DST of --data: it is not an absolute path',
    ],
    [
      { data: [[3 as never, "/x"]] },
      "Cannot use a value of type number as the content of --data: it is neither a text nor bytes",
    ],
    [
      { data: [[new Uint8Array(2 ** 25 + 1), "/x"]] },
      "Cannot use 33554433 bytes for --data: it takes 32 MiB at most",
    ],
  ] as const satisfies readonly (readonly [Options, string])[])
    test(message, async () => {
      expect(await errorOf(run(["true"], options))).toMatchObject({
        code: "usage",
        message,
      });
    });
});

describe("scratch", () => {
  rule(
    "a root that can be changed is as it was for the next, and on the disk",
    ["root"],
    async () => {
      const root = await busyboxRoot({ etc: { passwd: "x\n" } });
      const before = await treeState(root);
      const change =
        "ls /; echo more >> /etc/passwd; mkdir /new; cat /etc/passwd; df -k / | tail -1 | tr -s ' ' | cut -d' ' -f2";
      const text = `
const rootfs = "${root}";
for (const scratch of ["16m", "16m", 1 << 24]) {
  const { stdout, stderr } = await run(["sh", "-c", ${JSON.stringify(change)}], { rootfs, scratch });
  console.log(stdout.lines().slice(-5).join(" ") + stderr.text());
}
const { stderr } = await run(["sh", "-c", ": > /new"], { rootfs, scratch: false });
console.log(stderr.text().includes("Read-only file system"));
`;
      const line = "usr var x more 16384\n";
      expect(await runProgram(text)).toMatchObject({
        stderr: "",
        stdout: `${line.repeat(3)}true\n`,
      });
      expect(await treeState(root)).toBe(before);
    },
  );

  test("is refused with build, and as too little", async () => {
    for (const [options, message] of [
      [
        { scratch: true, action: "build" },
        "Cannot use --scratch with build: what build writes is to stay, and what --scratch writes vanishes",
      ],
      [{ scratch: 1000 }, 'Cannot use "1000" as SIZE of --scratch: '],
    ] as const)
      expect((await errorOf(run(["true"], options))).message).toStartWith(
        message,
      );
  });
});

rule(
  "asRoot: root inside is the user, with subordinate ids or alone",
  ["root"],
  async () => {
    const room = makeRoom();
    const text = `
const script = "id -u; cat /proc/self/uid_map; cd ${room}; touch mine; echo $$";
const result = await run(["sh", "-c", script], { asRoot: true, vol: [["${room}", "."]] });
const killed = await run(["sh", "-c", "kill -TERM $$"], { asRoot: true });
const own = await run(["touch", "${room}/own"], { vol: [["${room}", "."]] });
console.log((result.stdout.text() + result.stderr.text() + killed.signal + own.status).replaceAll(/ +/g, " "));
`;
    const many = await runProgram(text, { before: subordinateHost() });
    const { first, count } = SUBORDINATE;
    expect(many).toMatchObject({
      stderr: "",
      stdout: `0\n 0 ${USER} 1\n 1 ${first} ${count}\n2\nSIGTERM0\n`,
    });
    const alone = await runProgram(text, { before: subordinateHost("", "") });
    expect(alone).toMatchObject({
      stderr: "",
      stdout: `0\n 0 ${USER} 1\n2\nSIGTERM0\n`,
    });
    for (const name of ["mine", "own"])
      expect(statSync(join(room, name)).uid).toBe(USER);
  },
);

describe("imageConfig", () => {
  const config = (about: object): string => JSON.stringify({ config: about });

  test("gives variables, directory, entrypoint and a command where there is none", async () => {
    const root = await busyboxRoot({ place: {} });
    await Bun.write(
      `${root}.image.json`,
      config({
        Env: ["PATH=/bin:/usr/bin", "FROM=image", "BOTH=image"],
        WorkingDir: "/place",
        Entrypoint: ["sh", "-c", 'echo "$FROM $BOTH $PWD" "$@"', "name"],
        Cmd: ["own", "words"],
      }),
    );
    using planned = plan({
      rootfs: root,
      imageConfig: true,
      env: { BOTH: "mine" },
    });
    for (const [command, end] of [
      [[], "own words"],
      [["other"], "other"],
    ] as const)
      expect((await planned.run(command)).stdout.text()).toBe(
        `image mine /place ${end}\n`,
      );
    const elsewhere = { rootfs: root, imageConfig: true, cd: "/etc" };
    expect((await run([], elsewhere)).stdout.text()).toContain(" /etc own");
  });

  test("without a config, or with none that names a command, nothing runs", async () => {
    const room = makeRoom({
      none: {},
      silent: {},
      "silent.image.json": entry({ text: config({}) }),
    });
    for (const [name, message] of [
      ["none", /^Cannot read the image's config ".*": no such file/],
      ["silent", /^Cannot run: there is no COMMAND, and the image's config/],
    ] as const)
      expect(
        (
          await errorOf(
            run([], { rootfs: join(room, name), imageConfig: true }),
          )
        ).message,
      ).toMatch(message);
  });
});

rule("ps, enter and stop find an instance by its name", ["root"], async () => {
  const [web, other] = await Promise.all([
    spawn(["sleep", "71"], { name: "library-web" }),
    spawn(["sleep", "72"]),
  ]);
  const line = (words: readonly string[]) =>
    rootless.output(words, { user: 0 });
  const enter = ["enter", "library-web", "cat", "/proc/1/cmdline"];
  expect(await line(enter)).toBe("sleep\x0071\0");
  expect(await line(["ps"])).toMatch(/^library-web .* sleep 71$/m);
  await line(["stop", "library-web"]);
  expect(await web.exited).toMatchObject({ signal: "SIGKILL" });
  expect(other.kill("SIGKILL")).toBe(true);
  await other.exited;
  // Its spawner goes on, without an instance.
  expect(await line(["ps"])).not.toContain("library-web");
  expect((await errorOf(run(["true"], { name: "1web" }))).message).toStartWith(
    'Cannot use "1web" as NAME of --name: ',
  );
});
