/** What a baked file cannot do, whose it is not, and what `bake` does not overwrite. */

import { expect } from "bun:test";
import {
  chmodSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { baked } from "../harness/bake.ts";
import { rootless } from "../harness/modes.ts";
import { rule } from "../harness/needs.ts";
import { makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";
import type { StartOptions } from "../harness/start-records.ts";

const COMMANDS: Readonly<Record<string, () => string>> = {
  "no such command": () => "no-such-command",
  "no such path": () => "/no/such/path",
  "a directory": () => "/etc",
  "no permission": () => "/etc/passwd",
  "no program": () => {
    const path = join(makeRoom(), "binary");
    writeFileSync(path, Buffer.from([1, 0, 2, 0x0a]));
    chmodSync(path, 0o755);
    return path;
  },
  "no interpreter": () => {
    const path = join(makeRoom(), "script");
    writeFileSync(path, "#!/no/interpreter\n");
    chmodSync(path, 0o755);
    return path;
  },
  "a very long name": () => "x".repeat(300),
  'a name that "steers"': () => "\x1b[31m\n'\"ü",
};

for (const [what, command] of Object.entries(COMMANDS))
  rule(`${what}: status and words as without baking`, ["root"], async () => {
    const line = ["run", command(), "x"];
    const run = await rootless.run(line);
    expect([126, 127]).toContain(run.status!);
    const { status, stdout, stderr } = await runOutside([baked(line)]);
    expect({ status, stdout, stderr }).toEqual({
      status: run.status,
      stdout: "",
      stderr: run.stderr,
    });
  });

/** What cannot be mounted, entered or kept: which step it is, and what to do. */
const REFUSALS: readonly (readonly [
  line: readonly string[],
  options?: StartOptions,
])[] = [
  [["-m", "/no/such/source", "/x", "run", "true"]],
  [["-m", "/etc/passwd", "/etc", "run", "true"]],
  [["-r", "/no/such/root", "run", "true"]],
  [["-C", "/no/such/directory", "run", "true"]],
  [["--hide", "/no/such/path", "run", "true"]],
  [["--keep-fd", "7", "run", "true"]],
  [["--data", "8", "/etc/x", "run", "true"]],
  [["--ulimit", "core=unlimited", "run", "true"], { limits: [[4, 0, 0]] }],
];

for (const [line, options] of REFUSALS)
  rule(
    `${line.join(" ")}: status 124 and the same words`,
    ["root"],
    async () => {
      const run = await rootless.run(line, options);
      const { status, stdout, stderr } = await runOutside(
        [baked(line)],
        options,
      );
      const [message, hint, ...more] = stderr.split("\n");
      expect({ status, stdout }).toEqual({ status: 124, stdout: "" });
      // Of where the step is both count for themselves: their Programs differ.
      const words = (text: string) => text.replace(/ \(step \d+/, " (step");
      expect(words(message!)).toBe(words(run.stderr.split("\n")[0]!));
      expect(hint).toStartWith("selfdock: hint: ");
      expect(more).toEqual([""]);
    },
  );

rule(
  "a host that has changed is told from one that has not",
  ["root"],
  async () => {
    const room = makeRoom({ data: { file: "text" } });
    const file = baked([
      "-m",
      join(room, "data"),
      "/data",
      "run",
      "cat",
      "/data/file",
    ]);
    expect(await runOutside([file])).toMatchObject({
      status: 0,
      stdout: "text",
    });
    renameSync(join(room, "data"), join(room, "elsewhere"));
    const { status, stderr } = await runOutside([file]);
    expect(status).toBe(124);
    expect(stderr).toContain("bake it again");
  },
);

rule("a file that is set to an id does nothing", ["root"], async () => {
  const file = baked(["run", "id"]);
  for (const mode of [0o4755, 0o2755, 0o6755]) {
    Bun.spawnSync(["chown", "0:0", file]);
    chmodSync(file, mode);
    const result = await runOutside([file]);
    expect(result).toMatchObject({ status: 124, stdout: "" });
    expect(result.stderr).toContain("must not be set-user-id");
  }
  chmodSync(file, 0o755);
  expect((await runOutside([file])).stdout).toContain("uid=1000");
});

rule("where ids stand in it, it is for them alone", ["root"], async () => {
  const file = baked([
    "-t",
    "uid=1000,gid=1000",
    "/x",
    "run",
    "stat",
    "-c",
    "%u",
    "/x",
  ]);
  expect(await runOutside([file])).toMatchObject({
    status: 0,
    stdout: "1000\n",
  });
  for (const ids of [{ user: 1001 }, { user: 0 }, { user: 1000, group: 7 }]) {
    const result = await runOutside([file], ids);
    expect(result).toMatchObject({ status: 124, stdout: "" });
    expect(result.stderr).toContain("baked for uid 1000 and gid 1000 alone");
  }
  const everybody = baked(["run", "id", "-u"], { user: 1001 });
  for (const user of [0, 1000, 1001, 4_000_000_000])
    expect((await runOutside([everybody], { user })).stdout).toBe(`${user}\n`);
});

rule(
  "only a regular file is replaced, and only as a whole",
  ["root"],
  async () => {
    const room = makeRoom({ old: "old", directory: {}, target: "untouched" });
    symlinkSync("target", join(room, "link"));
    const bake = (name: string, options: StartOptions = {}) =>
      rootless.run(["bake", "-o", name, "run", "true"], {
        cwd: room,
        ...options,
      });
    for (const name of ["directory", "link", "/dev/null"]) {
      const result = await bake(name);
      expect(result.status).toBe(124);
      expect(result.stderr).toContain("only a regular file is replaced");
    }
    const cut = await bake("old", { limits: [[1, 4096, 4096]], ignore: [25] });
    expect(cut.status).toBe(124);
    expect(await Bun.file(join(room, "old")).text()).toBe("old");
    expect(await Bun.file(join(room, "target")).text()).toBe("untouched");
    expect(await bake("old", { umask: "077" })).toMatchObject({
      status: 0,
      stdout: "",
    });
    expect(statSync(join(room, "old")).mode & 0o7777).toBe(0o700);
    expect((await runOutside([join(room, "old")])).status).toBe(0);
    expect(
      [
        ...new Bun.Glob("*").scanSync({ cwd: room, onlyFiles: false }),
      ].toSorted(),
    ).toEqual(["directory", "link", "old", "target"]);
  },
);
