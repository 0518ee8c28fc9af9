/** `selfdock batch`: many commands, each in an instance of its own. */

import { expect } from "bun:test";
import { chmodSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseResults } from "../harness/batch-results.ts";
import { forEachMode } from "../harness/modes.ts";
import { link, makeRoom } from "../harness/room.ts";
import { busyboxRoot } from "../harness/roots.ts";
import type { StartOptions } from "../harness/start-records.ts";

const FAILED = 123;

forEachMode((mode) => {
  const batch = (
    lines: string | Uint8Array,
    words: readonly string[] = [],
    options: StartOptions = {},
  ) => mode.run(["batch", ...words], { stdin: lines, ...options });

  mode.rule(
    "every line is an instance of its own, without privilege",
    async () => {
      const script = `echo $$ $(id -u) $(grep CapBnd /proc/self/status) $(cat /proc/self/uid_map); ls /tmp; touch /tmp/x; touch /y`;
      const result = await batch(`sh -c '${script}'\n`.repeat(3), ["-j", "2"]);
      expect(result.stdout).toBe(
        "1 1000 CapBnd: 0000000000000000 1000 1000 1\n".repeat(3),
      );
      expect(result.status).toBe(FAILED);
      expect(result.stderr).toContain("Read-only file system");
      expect(result.stderr).toContain("selfdock: 3 commands, 3 failed, ");
    },
  );

  mode.rule("each command's output is whole, and none is lost", async () => {
    const script =
      "for i in 1 2 3; do echo $0 $i; sleep 0.0$0; echo $0 $i >&2; done";
    const lines = [1, 2, 3, 4].map((each) => `sh -c '${script}' ${each}\n`);
    const result = await batch(lines.join(""), ["-j", "4"]);
    for (const each of [1, 2, 3, 4]) {
      const whole = `${each} 1\n${each} 2\n${each} 3\n`;
      expect(result.stdout).toContain(whole);
      expect(result.stderr).toContain(whole);
    }
    expect(result.stdout.length).toBe(4 * 3 * 4);
    expect(result.status).toBe(0);
  });

  mode.rule("much output is kept in a file in memory, not cut", async () => {
    const words =
      "sh -c 'head -c 5000000 /dev/zero; head -c 70000 /dev/zero >&2'\n";
    const { stdoutBytes, stderr } = await batch(words.repeat(2));
    expect(stdoutBytes.length).toBe(10_000_000);
    expect(stderr.replaceAll(/[^\0]/g, "").length).toBe(140_000);
  });

  mode.rule(
    "a line that is no command fails by its number, the others run",
    async () => {
      const lines = `echo a\n'open\necho $A\n''\nno-such-command\nsh -c 'exit 3'\nsh -c 'kill -9 0'\necho b\n`;
      const result = await batch(lines, ["-j", "1"]);
      expect(result).toMatchObject({ status: FAILED, stdout: "a\nb\n" });
      for (const message of [
        "selfdock: line 2: Cannot read the line: a quote is not closed",
        "selfdock: line 3: Cannot read the line: there is an unquoted $ in it",
        "selfdock: line 4: Cannot read the line: the command's name is empty",
        'selfdock: line 5: Cannot execute "no-such-command": no such command',
        "selfdock: line 6: exit status 3",
        "selfdock: 8 commands, ",
      ])
        expect(result.stderr).toContain(message);
      expect((await batch("a\0b\n")).stderr).toContain("there is a NUL in it");
    },
  );

  mode.rule(
    "what is there for readers is passed over, and lines keep their numbers",
    async () => {
      const lines = "# all\n\n \t\necho a # b\n  # 'c\nfalse\n\n";
      const result = await batch(lines, ["-j1"]);
      expect(result).toMatchObject({ status: FAILED, stdout: "a\n" });
      expect(result.stderr).toMatch(
        /^selfdock: line 6: exit status 1\nselfdock: 2 commands, 1 failed, /,
      );
      const json = await batch('\n \n{"argv":["true"]}\r\n', ["--format=json"]);
      expect(json.stderr).toMatch(/^selfdock: 1 command, 0 failed, /);
    },
  );

  mode.rule(
    "a command that is too long fails alone, be it the first",
    async () => {
      const long = `echo ${"x".repeat(2 ** 17)}\n`;
      const result = await batch(`${long}echo a\n${long}`, ["-j1"]);
      expect(result).toMatchObject({ status: FAILED, stdout: "a\n" });
      expect(result.stderr).toStartWith(
        'selfdock: line 1: Cannot execute "echo": its arguments and variables are too long\n',
      );
      expect(result.stderr).toContain("selfdock: 3 commands, 2 failed, ");
    },
  );

  mode.rule(
    'a place behind a ".." is found, though others mount at the same time',
    async () => {
      const dangling = link("../run/resolve/stub.conf");
      const root = await busyboxRoot({ etc: { "resolv.conf": dangling } });
      const lines = "test -s /etc/resolv.conf\n".repeat(300);
      const result = await batch(lines, ["-j", "4", "-r", root]);
      expect(result.stderr).toMatch(/^selfdock: 300 commands, 0 failed, .*\n$/);
    },
  );

  mode.rule("words may be any bytes, and stdin is empty", async () => {
    const bytes = Buffer.from(
      "printf '%s|' '\xff\n' \"a  b\" ''\0cat\0",
      "latin1",
    );
    const result = await mode.run(["batch", "-0"], { stdin: bytes });
    expect(result.stdoutBytes.toString("latin1")).toBe("\xff\n|a  b||");
  });

  mode.rule("JSON gives variables, directory and input", async () => {
    const room = makeRoom({ in: { file: "text" } });
    const lines = [
      {
        argv: ["sh", "-c", "echo $A-$B-$HOME; pwd"],
        env: { A: "1", HOME: null },
        cwd: "/usr/lib",
      },
      { argv: ["cat"], stdin: "in/file" },
      { argv: ["pwd"], cwd: "in" },
      { argv: ["cat"], stdin: "in" },
      { argv: ["cat"], stdin: "missing" },
      { argv: ["pwd"], cwd: "/missing" },
    ];
    const text = lines.map((line) => JSON.stringify(line)).join("\n");
    const words = [
      "-e",
      "B",
      "2",
      "-v",
      ".",
      ".",
      "batch",
      "-j",
      "1",
      "--format",
      "json",
    ];
    const result = await mode.run(words, { stdin: text, cwd: room });
    expect(result.stdout).toBe(`1-2-\n/usr/lib\ntext${room}/in\n`);
    expect(result.stderr).toContain('line 4: Cannot open "in": is a directory');
    expect(result.stderr).toContain(
      'line 5: Cannot open "missing": no such file',
    );
    expect(result.stderr).toContain(
      'line 6: Cannot enter the directory of this launch: "/missing": no such',
    );
    expect(result.status).toBe(FAILED);
  });

  mode.rule(
    "--json tells each result, and the command's own peak memory",
    async () => {
      const lines = "true\nsh -c 'exit 4'\nno-such-command\n";
      const result = await mode.run(["batch", "--json", "-j", "1"], {
        stdin: lines,
      });
      const [first, second, third] = parseResults(result.stdout);
      expect(first).toMatchObject({
        line: 1,
        status: 0,
        signal: null,
        error: null,
      });
      expect(first!.peakBytes).toBeLessThan(4 * 2 ** 20);
      expect(first!.peakBytes).toBeGreaterThan(100_000);
      expect(first!.launchMs).toBeGreaterThan(0);
      expect(second).toMatchObject({ line: 2, status: 4, timedOut: false });
      expect(third).toMatchObject({ line: 3, status: null, peakBytes: null });
      expect(third!.error).toContain("no such command");
    },
  );

  mode.rule(
    "--output-dir has new files of the user's for each line",
    async () => {
      const room = makeRoom({
        logs: { "1.out": "old", kept: "x" },
        other: "safe",
      });
      const lines = "sh -c 'echo a; echo b >&2'\nno-such-command\ntrue\n";
      const words = ["batch", "--output-dir", "logs"];
      const result = await mode.run(words, { stdin: lines, cwd: room });
      expect(result).toMatchObject({ status: FAILED, stdout: "" });
      const read = (name: string) =>
        readFileSync(join(room, "logs", name), "utf8");
      expect(readdirSync(join(room, "logs")).toSorted()).toEqual([
        "1.err",
        "1.out",
        "2.err",
        "2.out",
        "3.err",
        "3.out",
        "kept",
      ]);
      expect([read("1.out"), read("1.err"), read("3.out")]).toEqual([
        "a\n",
        "b\n",
        "",
      ]);
      await mode.run(["batch", "--output-dir", "new"], {
        stdin: "true",
        cwd: room,
      });
      expect(readdirSync(join(room, "new"))).toEqual(["1.err", "1.out"]);
      const wrong = await mode.run(["batch", "--output-dir", "other"], {
        stdin: "true",
        cwd: room,
      });
      expect(wrong.status).toBe(124);
      expect(wrong.stderr).toContain('Cannot open "other": not a directory');
      const closed = await mode.run(["batch", "--output-dir", "/etc"], {
        stdin: "true",
      });
      expect(closed.stderr).toContain(
        'line 1: Cannot open "/etc/1.out": permission denied',
      );
    },
  );

  mode.rule("options of run are those of all its instances", async () => {
    const room = makeRoom({
      source: { file: "seen" },
      out: {},
      secret: { key: "k" },
    });
    chmodSync(join(room, "out"), 0o777);
    const words = [
      ..."-m source /mnt -v out /out -t size=1m /scratch --hide secret"
        .split(" ")
        .map((word) => (word === "secret" ? join(room, "secret") : word)),
      ..."--net none --init --hostname inside --ulimit nofile=99 -C /mnt -e A 1 -E HOME".split(
        " ",
      ),
    ];
    const script =
      "cat file; pwd; echo $$ $A-$HOME $(hostname) $(ulimit -n) $(wc -l < /proc/net/dev); echo x > /out/$0; touch /scratch/t; cat SECRET/key 2>&1 | grep -c denied";
    const line = `sh -c '${script.replace("SECRET", join(room, "secret"))}'`;
    const map = ["-m", room, room];
    const result = await mode.run([...map, ...words, "batch", "-j", "1"], {
      stdin: `${line} 1\n${line} 2\n`,
      cwd: room,
    });
    expect(result.stdout).toBe("seen/mnt\n2 1- inside 99 3\n1\n".repeat(2));
    expect(readdirSync(join(room, "out")).toSorted()).toEqual(["1", "2"]);
    expect(result.status).toBe(0);
  });

  mode.rule("another root, and the input in a file", async () => {
    const room = makeRoom({ commands: "cat /etc/hostname-of-root\n" });
    const root = makeRoom({
      etc: { "hostname-of-root": "here\n" },
      bin: {},
      usr: {},
      lib: {},
      lib64: {},
      proc: {},
      dev: {},
      tmp: {},
    });
    const binds = ["/usr", "/bin", "/lib", "/lib64"].flatMap((path) => [
      "-m",
      path,
      path,
    ]);
    const words = ["-r", root, ...binds, "batch", join(room, "commands")];
    expect(await mode.run(words)).toMatchObject({
      stdout: "here\n",
      status: 0,
    });
    const missing = await mode.run(["batch", "/no/such/file"]);
    expect(missing).toMatchObject({ status: 124 });
    expect(missing.stderr).toContain(
      'Cannot read the commands from "/no/such/file"',
    );
  });
});
