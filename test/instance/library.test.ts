/** The library, in this process: what it gives a program of what the command line promises. */

import { describe, expect, test } from "bun:test";
import { chmodSync, closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { plan, run, spawn } from "../../src/index.ts";
import type { Options, SelfdockError } from "../../src/selfdock.d.ts";
import {
  processesWith,
  processIsAlive,
  waitUntil,
} from "../harness/processes.ts";
import { errorOf } from "../harness/rejection.ts";
import { makeRoom } from "../harness/room.ts";

const MIB = 2 ** 20;

function sh(script: string, options: Options = {}) {
  return run(["sh", "-c", script], options);
}

describe("run", () => {
  test("gives the status, what was written to each stream, and what it took", async () => {
    const result = await sh("echo out; echo err >&2; exit 7");
    expect(result).toMatchObject({ status: 7, signal: null, timedOut: false });
    expect(result.stdout.text()).toBe("out\n");
    expect(result.stderr.lines()).toEqual(["err"]);
    expect(result.times.start).toBeGreaterThan(0);
    expect(result.times.wall).toBeGreaterThan(0);
  });

  test("a command that exits with 124, 126 or 127 has a result and is no error", async () => {
    for (const status of [124, 126, 127])
      expect(await sh(`exit ${status}`)).toMatchObject({ status });
  });

  test("the signal that kills a command is its result", async () => {
    expect(await sh("sleep 60 & kill -9 $!; wait $!; exit $?")).toMatchObject({
      status: 137,
    });
    // Process 1 has no default action of its own: only with an init it dies of it.
    const own = await sh("kill -TERM $$; sleep 60", { init: true });
    expect(own).toMatchObject({ status: null, signal: "SIGTERM" });
  });

  test("reports the command's own peak memory: under 4 MB for true", async () => {
    const { peakMemory } = await run(["true"]);
    expect(peakMemory).toBeGreaterThan(0);
    expect(peakMemory).toBeLessThan(4e6);
    const large = await run(["head", "-c", "64M", "/dev/zero"], {
      stdout: "ignore",
    });
    expect(large.status).toBe(0);
    const script = "x=$(head -c 33554432 /dev/zero | tr '\\0' x); echo ${#x}";
    expect((await sh(script)).peakMemory).toBeGreaterThan(32 * MIB);
  });

  test("what a command reads from standard input is the input, byte for byte", async () => {
    const input = new Uint8Array(3 * MIB).map((_, at) => at);
    const { stdout } = await run(["cat"], { input });
    expect(Buffer.compare(stdout.bytes, input)).toBe(0);
    expect((await run(["cat"], { input: "" })).stdout.bytes).toHaveLength(0);
    // Who reads nothing of it ends all the same.
    expect(await run(["true"], { input })).toMatchObject({ status: 0 });
  });

  test("standard input is empty by default", async () => {
    expect((await run(["cat"])).stdout.text()).toBe("");
  });

  test("words and variables are bytes", async () => {
    const word = Uint8Array.of(0x41, 0xff, 0x0a, 0x42);
    const { stdout } = await run(["printf", "%s", word]);
    expect([...stdout.bytes]).toEqual([...word]);
    const variable = await run(["sh", "-c", 'printf %s "$X"'], {
      env: { X: word },
    });
    expect([...variable.stdout.bytes]).toEqual([...word]);
  });

  test("whoever holds a command's output open outside keeps nobody waiting", async () => {
    const mark = `mark-${process.pid}`;
    const running = sh(`echo whole; : ${mark}; sleep 0.5`);
    const found = () => processesWith(mark);
    await waitUntil("it runs", () => found().length > 0);
    const held = openSync(`/proc/${found()[0]}/fd/1`, "w");
    try {
      expect((await running).stdout.text()).toBe("whole\n");
    } finally {
      closeSync(held);
    }
  });

  test("the variables are those of process.env at the call", async () => {
    process.env["SELFDOCK_TEST_VARIABLE"] = "now";
    try {
      const { stdout } = await sh("echo $SELFDOCK_TEST_VARIABLE");
      expect(stdout.text()).toBe("now\n");
    } finally {
      delete process.env["SELFDOCK_TEST_VARIABLE"];
    }
    const env = { SELFDOCK_TEST_VARIABLE: undefined };
    const after = await sh("echo ${SELFDOCK_TEST_VARIABLE-none}", { env });
    expect(after.stdout.text()).toBe("none\n");
  });
});

describe("the options of the command line", () => {
  const room = makeRoom({ source: { file: "seen" }, empty: {} });
  const source = join(room, "source");
  chmodSync(source, 0o777); // root inside has no capability
  const ROWS: readonly (readonly [Options, string, string])[] = [
    [{ map: [[source, "/data"]] }, "cat /data/file; > /data/x", "seen"],
    [
      { vol: [[source, "/data"]] },
      "echo -n more > /data/new; ls /data",
      "file\nnew\n",
    ],
    [
      { tmpfs: [["size=4K", "/data"]] },
      "df -k /data | tail -1 | tr -s ' ' | cut -d' ' -f2",
      "4\n",
    ],
    [{ hide: ["/etc"] }, "ls /etc 2>/dev/null | wc -l", "0\n"],
    [{ cd: "/usr" }, "pwd", "/usr\n"],
    [
      { env: { A: "1", B: "2" }, unsetEnv: ["B"] },
      "echo $A${B-unset}",
      "1unset\n",
    ],
    [
      { net: "none" },
      "ls /sys/class/net 2>/dev/null; tail -n +3 /proc/net/dev | wc -l",
      "1\n",
    ],
    [{ proc: "none" }, "ls /proc", ""],
    [{ hostname: "inside" }, "hostname", "inside\n"],
    [
      { ulimit: { nofile: [64, 128], core: 0 } },
      "ulimit -Sn; ulimit -Hn; ulimit -c",
      "64\n128\n0\n",
    ],
    [{ init: true }, "readlink /proc/self/ns/pid >/dev/null; echo $$", "2\n"],
    [{}, "echo $$", "1\n"],
    // The order in which they are written counts.
    [
      { tmpfs: [["", "/data"]], map: [[source, "/data/in"]] },
      "ls /data",
      "in\n",
    ],
    [{ map: [[source, "/data/in"]], tmpfs: [["", "/data"]] }, "ls /data", ""],
  ];
  for (const [options, script, output] of ROWS)
    test(`${JSON.stringify(options).replaceAll(room, "")}: ${script}`, async () => {
      const { stdout } = await sh(script, options);
      expect(stdout.text()).toBe(output);
    });

  test("rootfs and action: another tree, read-only or writable", async () => {
    const tree = makeRoom({ bin: {}, place: {} });
    chmodSync(join(tree, "place"), 0o777);
    for (const name of ["lib", "lib64", "usr", "proc", "dev", "tmp", "etc"])
      mkdirSync(join(tree, name), { recursive: true });
    const tools: Options = {
      rootfs: tree,
      map: ["/bin", "/usr", "/lib", "/lib64"].map(
        (path) => [path, path] as const,
      ),
    };
    const write = "echo x > /place/new 2>/dev/null; ls /place";
    expect((await sh(write, tools)).stdout.text()).toBe("");
    const built = await sh(write, { ...tools, action: "build" });
    expect(built.stdout.text()).toBe("new\n");
  });
});

describe("errors", () => {
  const ROWS: readonly (readonly [
    Options,
    string,
    SelfdockError["code"],
    number,
  ])[] = [
    [
      { vol: [["/etc", "x"]] },
      'Cannot use "x" as DST of --vol: it is neither an absolute path nor "."',
      "usage",
      124,
    ],
    [
      { cd: "usr" },
      'Cannot use "usr" as DIR of --cd: it is not an absolute path',
      "usage",
      124,
    ],
    [
      { ulimit: { nofile: "many" as never } },
      'Cannot limit nofile to "many": it is neither a decimal number nor unlimited',
      "usage",
      124,
    ],
    [
      { net: "some" as never },
      'Cannot use "some" as the value of --net: it must be host or none',
      "usage",
      124,
    ],
    [
      { volume: [] } as never,
      'Cannot use option "volume": there is no such option',
      "usage",
      124,
    ],
    [
      { vol: "/etc" as never },
      'Cannot use option "vol": its value has another shape',
      "usage",
      124,
    ],
    [
      { env: { "A=B": "c" } },
      'Cannot use "A=B" as NAME of --env: a name has no "="',
      "usage",
      124,
    ],
    [
      { hide: ["/etc\0/x"] },
      'Cannot use "/etc\\x00/x" as PATH of --hide: it contains a NUL byte',
      "usage",
      124,
    ],
  ];
  for (const [options, message, code, exitStatus] of ROWS)
    test(message, async () => {
      const error = await errorOf(run(["true"], options));
      expect(error).toMatchObject({ message, code, exitStatus });
      expect(error.hint).not.toBe("");
      expect(() => plan(options)).toThrow(message);
    });

  test("what the kernel refuses names the step, and nothing runs", async () => {
    const error = await errorOf(run(["true"], { map: [["/no/such", "/x"]] }));
    expect(error.code).toBe("launch");
    expect(error.message).toMatch(
      /^Cannot mount "\/no\/such" at "\/x": no such file or directory \(step \d+, openat: ENOENT\)$/,
    );
  });

  test("a command that is not there, or is none, is an error of its own", async () => {
    for (const start of [run, spawn]) {
      expect(await errorOf(start(["no-such-command"]))).toMatchObject({
        code: "not-found",
        exitStatus: 127,
      });
      expect(await errorOf(start(["/etc/passwd"]))).toMatchObject({
        code: "not-executable",
        exitStatus: 126,
      });
    }
  });

  test("a command without words, or with a NUL in one, does not run", async () => {
    expect((await errorOf(run([]))).code).toBe("usage");
    expect((await errorOf(run(["echo", "a\0b"]))).message).toBe(
      'Cannot use "a\\x00b" as a word: it contains a NUL byte',
    );
    expect((await errorOf(run(["true"], { timeout: -1 }))).code).toBe("usage");
  });
});

describe("plan", () => {
  test("is printed without being played, and runs as often as it is asked to", async () => {
    const planned = plan({ net: "none" });
    expect(planned.text).toContain("clone3");
    expect(planned.steps.map(({ operation }) => operation)).toContain(
      "pivot_root",
    );
    for (const word of ["one", "two"])
      expect((await planned.run(["echo", word])).stdout.text()).toBe(
        `${word}\n`,
      );
    await using instance = await planned.spawn(["sleep", "60"]);
    await waitUntil("it runs", () => processIsAlive(instance.pid));
  });
});
