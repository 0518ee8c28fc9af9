/** The command line: what each good line asks for. */

import { describe, expect, test } from "bun:test";
import type { Bytes } from "../../../src/plan/bytes.ts";
import { parseLine } from "../../../src/commands/parse-line.ts";
import { parse, requestOf } from "./lines.ts";

/** What `run true` asks for. */
const PLAIN = {
  action: "run",
  rootfs: "/",
  mounts: [],
  workingDirectory: null,
  environment: [],
  keepDescriptors: [],
  network: "host",
  proc: "own",
  hostname: null,
  limits: [],
  rootless: false,
  asRoot: false,
  scratch: null,
  init: false,
  imageConfig: false,
  command: ["true"],
};
const TMPFS = {
  kind: "tmpfs",
  target: "/x",
  size: 268435456,
  inodes: 262144,
  mode: 0o1777,
  uid: null,
  gid: null,
};

describe("a launch", () => {
  const lines: readonly [readonly string[], object][] = [
    [["run", "true"], {}],
    [["build", "true"], { action: "build" }],
    [["-r", "r", "run", "true"], { rootfs: "r" }],
    [["run", "--rootfs", "/r", "true"], { rootfs: "/r" }],
    [["run", "--rootfs=/r=:", "true"], { rootfs: "/r=:" }],
    [["run", "--rootfs=-r", "true"], { rootfs: "-r" }],
    [["run", "-C", "/a", "true"], { workingDirectory: "/a" }],
    [["run", "--cd=/", "true"], { workingDirectory: "/" }],
    [["--net", "none", "run", "true"], { network: "none" }],
    [["--net=host", "run", "true"], { network: "host" }],
    [["run", "--rootless", "true"], { rootless: true }],
    [["run", "--init", "true"], { init: true }],
    [["--as-root", "run", "true"], { asRoot: true, rootless: true }],
    [
      ["build", "--as-root", "true"],
      { action: "build", asRoot: true, rootless: true },
    ],
    [["run", "--scratch", "true"], { scratch: 2 ** 30, rootless: true }],
    [
      ["--scratch", "run", "7z"],
      { scratch: 2 ** 30, rootless: true, command: ["7z"] },
    ],
    [["--scratch", "64M", "run", "true"], { scratch: 2 ** 26, rootless: true }],
    [
      ["run", "--scratch=1g", "--", "2"],
      { scratch: 2 ** 30, rootless: true, command: ["2"] },
    ],
    [
      ["run", "--scratch", "--", "7z"],
      { scratch: 2 ** 30, rootless: true, command: ["7z"] },
    ],
    [["--hostname", "a.B-1", "run", "true"], { hostname: "a.B-1" }],
    [
      ["--ulimit=nofile=64:128", "run", "--ulimit", "as=unlimited", "true"],
      {
        limits: [
          { resource: "NOFILE", soft: 64n, hard: 128n },
          { resource: "AS", soft: 2n ** 64n - 1n, hard: 2n ** 64n - 1n },
        ],
      },
    ],
    [
      ["--ulimit", "core=0", "run", "true"],
      { limits: [{ resource: "CORE", soft: 0n, hard: 0n }] },
    ],
    [
      ["--hide=/a", "--data", "3", "/b", "run", "--data=9:/c", "true"],
      {
        mounts: [
          { kind: "hide", target: "/a" },
          { kind: "data", descriptor: 3, target: "/b" },
          { kind: "data", descriptor: 9, target: "/c" },
        ],
      },
    ],
    [
      ["--keep-fd", "9", "run", "--keep-fd=3", "--keep-fd", "9", "true"],
      { keepDescriptors: [3, 9] },
    ],
    [["--keep-fd=1023", "run", "true"], { keepDescriptors: [1023] }],
    [["--", "run", "true"], {}],
    [["run", "--", "true"], {}],
    [["run", "--", "-x"], { command: ["-x"] }],
    [["--", "run", "--help"], { command: ["--help"] }],
    [["run", "-"], { command: ["-"] }],
    [["run", ""], { command: [""] }],
    [["run", "run", "run"], { command: ["run", "run"] }],
  ];
  test.each(lines)("%j", (words, difference) => {
    expect(requestOf(...words)).toEqual({ ...PLAIN, ...difference } as never);
  });

  test("nothing after COMMAND is ours", () => {
    const command = ["sh", "--help", "-v", "--", "--dry-run", "-r", "", "--x"];
    expect(parse("run", ...command)).toEqual({
      kind: "launch",
      request: { ...PLAIN, command },
      dryRun: null,
      name: null,
    } as never);
  });

  test("--dry-run stands beside the request", () => {
    expect(parse("--dry-run", "run", "true")).toMatchObject({
      dryRun: "words",
    });
    for (const form of ["steps", "json"])
      expect(parse(`--dry-run=${form}`, "run", "true")).toMatchObject({
        dryRun: form,
      });
    expect(parse("run", "true", "--dry-run")).toMatchObject({ dryRun: null });
  });

  test("--name stands beside the request, and -t is --tmpfs", () => {
    const line = ["run", "-t", "", "/x", "--name", "a.B_1-", "true"];
    expect(parse(...line)).toMatchObject({
      request: { ...PLAIN, mounts: [{ ...TMPFS, target: "/x" }] },
      name: "a.B_1-",
    });
  });

  test("the order of mounts and of the environment is that of the line, across the command", () => {
    const request = requestOf(
      ..."-m a /a -e A 1 --tmpfs=:/x run".split(" "),
      ..."--vol=.:. -E A --env=A: --env=B:-2 true".split(" "),
    );
    expect(request.mounts).toEqual([
      { kind: "map", source: "a", target: "/a" },
      TMPFS,
      { kind: "vol", source: ".", target: "." },
    ] as never);
    expect(request.environment).toEqual([
      { kind: "set", name: "A", value: "1" },
      { kind: "unset", name: "A" },
      { kind: "set", name: "A", value: "" },
      { kind: "set", name: "B", value: "-2" },
    ] as never);
  });

  test("a VALUE may be any word, a path may hold a colon or =", () => {
    const request = requestOf(
      ..."-e CFLAGS -O2 -e X -- -v a:b=c /d:e run true".split(" "),
    );
    expect(
      request.environment.map((change) => "value" in change && change.value),
    ).toEqual(["-O2", "--"] as never);
    expect(request.mounts).toEqual([
      { kind: "vol", source: "a:b=c", target: "/d:e" },
    ] as never);
  });

  test("bytes that are not UTF-8 stay as they are", () => {
    const words = "-v \xff\xfe /\x80 -e \xc0 \xc1 run a\xffb" as Bytes;
    expect(parseLine(words.split(" ") as Bytes[])).toMatchObject({
      request: {
        mounts: [{ source: "\xff\xfe", target: "/\x80" }],
        environment: [{ name: "\xc0", value: "\xc1" }],
        command: ["a\xffb"],
      },
    });
  });
});

describe("OPT of --tmpfs", () => {
  const options: readonly [string, object][] = [
    ["", {}],
    ["size=1", { size: 1 }],
    ["size=4K", { size: 4096 }],
    ["size=3m", { size: 3145728 }],
    ["size=4194304g", { size: 2 ** 52 }],
    ["size=4503599627370496", { size: 2 ** 52 }],
    ["nr_inodes=1", { inodes: 1 }],
    ["mode=0", { mode: 0 }],
    ["mode=01777", { mode: 0o1777 }],
    [
      "mode=755,size=1k,uid=0,gid=4294967294",
      { mode: 0o755, size: 1024, uid: 0, gid: 4294967294 },
    ],
  ];
  test.each(options)("%j", (words, difference) => {
    expect(requestOf("-t", words, "/x", "run", "true").mounts).toEqual([
      { ...TMPFS, ...difference },
    ] as never);
  });

  test("may be joined to DST by a colon", () => {
    expect(requestOf("--tmpfs=:/x", "run", "true").mounts).toEqual([
      TMPFS,
    ] as never);
    expect(requestOf("--tmpfs=size=1k:/x", "run", "true").mounts).toEqual([
      { ...TMPFS, size: 1024 },
    ] as never);
  });
});

describe("other lines", () => {
  const lines: readonly [readonly string[], object][] = [
    [["--help"], { kind: "help", topic: "selfdock" }],
    [["-h"], { kind: "help", topic: "selfdock" }],
    [["help"], { kind: "help", topic: "selfdock" }],
    [["help", "help"], { kind: "help", topic: "selfdock" }],
    [["help", "--help"], { kind: "help", topic: "selfdock" }],
    [["help", "build"], { kind: "help", topic: "build" }],
    [["help", "--", "build"], { kind: "help", topic: "build" }],
    [["--help", "run"], { kind: "help", topic: "run" }],
    [["--help", "true"], { kind: "help", topic: "selfdock" }],
    [["run", "--help"], { kind: "help", topic: "run" }],
    [["run", "-v", ".", ".", "-h", "true"], { kind: "help", topic: "run" }],
    [["build", "-h"], { kind: "help", topic: "build" }],
    [["install", "x", "-h"], { kind: "help", topic: "install" }],
    [["uninstall", "--help"], { kind: "help", topic: "uninstall" }],
    [["--version"], { kind: "version" }],
    [["run", "--version"], { kind: "version" }],
    [["ps"], { kind: "ps", json: false }],
    [["explain", "a/b"], { kind: "explain", what: "a/b", json: false }],
    [
      ["explain", "--json", "--", "-b"],
      { kind: "explain", what: "-b", json: true },
    ],
    [["doctor", "--json"], { kind: "doctor", json: true }],
    [["--json", "ps"], { kind: "ps", json: true }],
    [["stop", "a"], { kind: "stop", instances: ["a"], seconds: 10 }],
    [
      ["stop", "-t", "0", "a", "--", "-b", "7"],
      { kind: "stop", instances: ["a", "-b", "7"], seconds: 0 },
    ],
    [
      ["--timeout=86400", "stop", "a"],
      { kind: "stop", instances: ["a"], seconds: 86400 },
    ],
    [
      ["stop", "-t", "0.25", "a"],
      { kind: "stop", instances: ["a"], seconds: 0.25 },
    ],
    [["install"], { kind: "install", prefix: "/usr/local", mode: 0o4755 }],
    [
      ["install", "--mode", "0755", "--prefix=/opt"],
      { kind: "install", prefix: "/opt", mode: 0o755 },
    ],
    [
      ["--prefix", "/p", "install", "--"],
      { kind: "install", prefix: "/p", mode: 0o4755 },
    ],
    [["uninstall"], { kind: "uninstall", prefix: "/usr/local" }],
    [["uninstall", "--prefix", "/opt"], { kind: "uninstall", prefix: "/opt" }],
  ];
  test.each(lines)("%j", (words, invocation) => {
    expect(parse(...words)).toEqual(invocation as never);
  });
});

describe("what is baked", () => {
  const lines: readonly (readonly string[])[] = [
    ["bake", "-o", "f", "-v", ".", ".", "run", "gcc", "-o", "x"],
    ["-v", ".", ".", "bake", "run", "--output", "f", "gcc", "-o", "x"],
    ["--output=f", "bake", "run", "-v", ".", ".", "--", "gcc", "-o", "x"],
  ];
  test.each(lines)(
    "%#: is the request of the same line without baking",
    (...words) => {
      const line = parseLine([
        "-v",
        ".",
        ".",
        "run",
        "gcc",
        "-o",
        "x",
      ] as Bytes[]);
      expect(parseLine(words as Bytes[])).toEqual({
        ...line,
        kind: "bake",
        file: "f",
      } as never);
    },
  );
});
