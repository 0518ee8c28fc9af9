/** The command line on the artifact: options anywhere before COMMAND, strictly read, clearly refused. */

import { expect } from "bun:test";
import { join } from "node:path";
import { forEachMode } from "../harness/modes.ts";
import { makeRoom } from "../harness/room.ts";

forEachMode((mode) => {
  mode.rule(
    "options stand before or after the subcommand; nothing after COMMAND is ours",
    async () => {
      const room = makeRoom({ file: "mine" });
      for (const args of [
        ["-m", room, "/srv", "run", "cat", "/srv/file"],
        ["run", "-m", room, "/srv", "cat", "/srv/file"],
        ["run", "--map", room, "/srv", "--", "cat", "/srv/file"],
        ["-C", "/", "run", `--map=${room}:/srv`, "cat", "/srv/file"],
      ]) {
        expect(await mode.output(args)).toBe("mine");
      }
      expect(
        await mode.output([
          "run",
          "echo",
          "-m",
          "--help",
          "--version",
          "--",
          "run",
        ]),
      ).toBe("-m --help --version -- run\n");
      expect(await mode.output(["run", "--", "echo", "--", "-x"])).toBe(
        "-- -x\n",
      );
    },
  );

  mode.rule("a command may be called run, build or --help", async () => {
    const room = makeRoom({
      run: "#!/bin/sh\necho ran $0\n",
      "--help": "#!/bin/sh\necho helped\n",
    });
    expect(
      await mode.output(["-e", "PATH", `${room}:/bin`, "run", "run"]),
    ).toBe(`ran ${room}/run\n`);
    expect(
      await mode.output(["-e", "PATH", `${room}:/bin`, "run", "--", "--help"]),
    ).toBe("helped\n");
  });

  const WRONG: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [["--no-such-option", "run", "true"], /--no-such-option/],
    [["--rootsf", "/", "run", "true"], /did you mean.*--rootfs/is],
    [["-Z", "run", "true"], /-Z/],
    [["rum", "true"], /did you mean.*run/is],
    [["-r", "/", "-r", "/", "run", "true"], /rootfs/],
    [["-C", "/", "run", "-C", "/", "true"], /--cd/],
    [["--net", "none", "--net", "none", "run", "true"], /--net/],
    [["run", "-m", "/etc"], /DST/],
    [["run", "-m"], /SRC/],
    [["-m", "/etc", "srv", "run", "true"], /"srv"/],
    [["-v", "/etc", "./srv", "run", "true"], /"\.\/srv"/],
    [["-t", "", ".", "run", "true"], /"\."/],
    [["-m", "/etc", "", "run", "true"], /DST/],
    [["-m", "", "/srv", "run", "true"], /SRC/],
    [["--map=/etc", "run", "true"], /colon/],
    [["--map=/etc:/a:/b", "run", "true"], /colon/],
    [["-v", "/etc:/srv", "run", "true"], /-v \/etc \/srv/],
    [["-e", "NAME=VALUE", "run", "true"], /-e NAME VALUE/],
    [["-e", "", "x", "run", "true"], /NAME/],
    [["-E", "A=B", "run", "true"], /NAME|"A=B"/],
    [["--version=1"], /--version/],
    [["-r", "", "run", "true"], /rootfs/],
  ];
  for (const [args, says] of WRONG) {
    mode.rule(
      `selfdock ${args.map((word) => (word === "" ? "''" : word)).join(" ")}: 124 and why`,
      async () => {
        const result = await mode.run(args);
        expect(result).toMatchObject({ status: 124, signal: null, stdout: "" });
        expect(result.stderr).toMatch(says);
        expect(result.stderr).toMatch(/^selfdock: /);
      },
    );
  }

  for (const args of [
    [],
    ["run"],
    ["build"],
    ["run", "--"],
    ["-C", "/", "run"],
  ]) {
    mode.rule(
      `selfdock ${args.join(" ")} with nothing to run: usage on stderr, 124`,
      async () => {
        const result = await mode.run(args);
        expect(result).toMatchObject({ status: 124, stdout: "" });
        expect(result.stderr).toMatch(/usage/i);
      },
    );
  }

  mode.rule("an argc of 0 is no command either", async () => {
    const result = await mode.run([], { noArguments: true });
    expect(result).toMatchObject({ status: 124, stdout: "" });
    expect(result.stderr).toMatch(/usage/i);
  });

  mode.rule("the name by which selfdock is called means nothing", async () => {
    for (const argv0 of [
      "",
      "bun",
      "bunx",
      "node",
      "-e",
      "--version",
      "--inspect",
      "/etc/shadow",
      "./",
    ]) {
      expect(await mode.output(["run", "echo", "same"], { argv0 })).toBe(
        "same\n",
      );
    }
  });

  mode.rule("help is complete, on stdout, and fits 80 columns", async () => {
    for (const args of [
      ["--help"],
      ["-h"],
      ["run", "--help"],
      ["build", "--help"],
    ]) {
      const text = await mode.output(args);
      const first = args[0] === "build" ? "selfdock build" : "selfdock";
      expect(text).toContain(first);
      for (const line of text.split("\n"))
        expect([...line].length).toBeLessThanOrEqual(80);
      expect(text).not.toMatch(/\x1b|\t/);
    }
    const help = await mode.output(["--help"]);
    for (const option of [
      "-r, --rootfs",
      "-m, --map",
      "-v, --vol",
      "-t, --tmpfs",
      "-C, --cd",
      "-e, --env",
      "-E, --unset-env",
      "--keep-fd",
      "--net",
      "--dry-run",
      "-h, --help",
      "--version",
    ]) {
      expect(help).toContain(option);
    }
  });

  mode.rule("--version is one line", async () => {
    expect(await mode.output(["--version"])).toMatch(
      /^selfdock [0-9]+\.[0-9]+\.[0-9]+.*\n$/,
    );
  });

  mode.rule(
    "control characters of the caller's never reach the terminal",
    async () => {
      const hostile = "/no\u001b]0;title\u0007\nselfdock: all is well\r";
      for (const args of [
        ["-m", hostile, "/srv", "run", "true"],
        ["run", hostile],
        [hostile],
        ["-C", hostile, "run", "true"],
        ["-r", hostile, "run", "true"],
      ]) {
        const result = await mode.run(args);
        expect(result.status).toBeGreaterThanOrEqual(124);
        expect(result.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
        expect(result.stderr).not.toMatch(/^selfdock: all is well/m);
      }
    },
  );

  mode.rule("files in the caller's directory change nothing", async () => {
    const room = makeRoom({
      "bunfig.toml": 'preload = ["./evil.js"]\n',
      "evil.js": 'require("fs").writeSync(1, "evil\\n");',
      ".env": "EVIL=1\n",
      "package.json": '{"type":"commonjs","imports":{"#x":"./evil.js"}}',
      "tsconfig.json": '{"compilerOptions":{"paths":{"*":["./evil.js"]}}}',
      $bunfs: {},
      node_modules: {},
    });
    expect(
      await mode.output(["run", "sh", "-c", "echo $EVIL; pwd"], { cwd: room }),
    ).toBe(`\n${room}\n`);
    expect(
      await mode.output(["--version"], { cwd: join(room, "node_modules") }),
    ).not.toContain("evil");
  });
});
