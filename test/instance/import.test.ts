/** `selfdock import`: what it takes and refuses, the config and the list. */

import { expect } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dockerImage, tar } from "../harness/archives.ts";
import { forEachMode, rootless } from "../harness/modes.ts";
import type { Mode } from "../harness/modes.ts";
import { entry, link, makeRoom } from "../harness/room.ts";

const BUSYBOX = readFileSync("/bin/busybox");
const LAYER = tar([
  { name: "bin/busybox", data: BUSYBOX, mode: 0o755 },
  { name: "bin/sh", type: "2", link: "busybox" },
  { name: "srv/", type: "5" },
]);
const CONFIG = {
  Env: ["PATH=/bin", "GREETING=hello = you", "HOME=/srv"],
  WorkingDir: "/srv",
  Entrypoint: ["/bin/busybox"],
  Cmd: ["sh", "-c", 'echo "$GREETING" $PWD $0', "default"],
};
const IMAGE = dockerImage([LAYER], { config: CONFIG });

async function importTo(
  mode: Mode,
  stdin: Uint8Array,
  ...words: readonly string[]
): Promise<string> {
  const room = makeRoom();
  const made = await mode.run(["import", ...words, "new"], {
    cwd: room,
    stdin,
  });
  expect(made).toMatchObject({ status: 0, stderr: "", stdout: "" });
  return room;
}

forEachMode((mode) => {
  mode.rule("--image-config runs what the image is made to run", async () => {
    const cwd = await importTo(mode, IMAGE);
    const words = ["-r", "new/", "run", "--image-config"];
    expect(await mode.output(words, { cwd })).toBe(
      "hello = you /srv default\n",
    );
    const own = [
      "-e",
      "GREETING",
      "mine",
      "-C",
      "/",
      ...words,
      "sh",
      "-c",
      "echo $GREETING $PWD",
    ];
    expect(await mode.output(own, { cwd })).toBe("mine /\n");
  });
});

rootless.rule(
  "--image-config without a config, or with a garbled one, is refused",
  async () => {
    const cwd = makeRoom({
      root: {},
      "bad.image.json": '{"config":{"Cmd":1}}',
      bad: {},
    });
    const run = (root: string) =>
      rootless.run(["-r", root, "run", "--image-config", "x"], { cwd });
    Bun.spawnSync(["mkfifo", "-m", "666", join(cwd, "pipe.image.json")]);
    expect((await run("pipe")).stderr).toContain("it is no file\n");
    const none = await run("root");
    expect(none.status).toBe(124);
    expect(none.stderr).toMatch(
      /^selfdock: Cannot read the image's config ".*\/root.image.json": no such file or directory\n/,
    );
    expect(await run("bad")).toMatchObject({
      status: 124,
      stderr:
        'selfdock: Cannot run: Cmd in config in "bad.image.json" is not a list\n',
    });
  },
);

forEachMode((mode) => {
  mode.rule(
    "it works within an instance, and under a name of any bytes",
    async () => {
      const cwd = makeRoom();
      const name = Buffer.from([0x6e, 0xff, 0x0a, 0xfe]);
      const inner = [rootless.program(), "import", name];
      const made = await mode.run(["-v", ".", ".", "run", ...inner], {
        cwd,
        stdin: LAYER,
      });
      expect(made).toMatchObject({ status: 0, stderr: "" });
      expect(readdirSync(cwd, { encoding: "buffer" })).toEqual([name]);
    },
  );
});

const refused = async (
  words: readonly string[],
  stdin: Uint8Array,
  cwd = makeRoom(),
) => {
  const before = readdirSync(cwd);
  const { status, stderr } = await rootless.run(["import", ...words], {
    cwd,
    stdin,
  });
  expect(status).toBe(124);
  expect(readdirSync(cwd)).toEqual(before);
  return stderr;
};

rootless.rule(
  "what is there already is refused, and so is a config of that name",
  async () => {
    for (const name of ["new", "new.image.json"]) {
      const cwd = makeRoom({ [name]: "mine" });
      expect(await refused(["new"], IMAGE, cwd)).toMatch(
        /^selfdock: Cannot import to "[^"]*\/new": .*exists already\n/,
      );
      expect(readFileSync(join(cwd, name), "utf8")).toBe("mine");
    }
    const cwd = makeRoom({ new: link("nowhere") });
    expect(await refused(["new/"], IMAGE, cwd)).toMatch(/exists already/);
  },
);

rootless.rule("a directory that cannot be made is named", async () => {
  expect(await refused(["no/new"], IMAGE)).toMatch(
    /^selfdock: Cannot (look into|make) .*: no such file or directory\n/,
  );
  const closed = makeRoom({ closed: entry({ tree: {}, owner: 0 }) });
  expect(await refused(["closed/new"], IMAGE, closed)).toMatch(
    /^selfdock: Cannot make .*permission denied\n/,
  );
});

rootless.rule("--list shows the images, and imports nothing", async () => {
  const cwd = makeRoom();
  const seen = await rootless.run(["import", "--list"], { cwd, stdin: IMAGE });
  expect(seen).toMatchObject({ status: 0, stderr: "" });
  expect(seen.stdout).toMatch(
    /^image      test\/image:1\nplatform   linux\/amd64\nlayer      sha256:[0-9a-f]{64}\nenv        PATH=\/bin\nenv        GREETING=hello = you\nenv        HOME=\/srv\ndirectory  \/srv\nentrypoint \["\/bin\/busybox"\]\ncommand    \["sh","-c",/,
  );
  const plain = await rootless.run(["import", "--list"], { cwd, stdin: LAYER });
  expect(plain).toMatchObject({
    status: 0,
    stdout: "a root filesystem, without an image\n",
  });
  expect(readdirSync(cwd)).toEqual([]);
});

rootless.rule(
  "--image and --platform that are not there are refused, with what is",
  async () => {
    expect(await refused(["--image", "other", "new"], IMAGE)).toBe(
      'selfdock: Cannot import: there is no image "other" in the archive\nselfdock: hint: it has "test/image:1"\n',
    );
    expect(
      await refused(["--platform", "linux/riscv64", "new"], IMAGE),
    ).toMatch(/there is no image for "linux\/riscv64"/);
    await importTo(
      rootless,
      IMAGE,
      "--image",
      "image:1",
      "--platform",
      "linux/amd64",
    );
  },
);

rootless.rule(
  "-i passes over devices in silence; otherwise they are counted",
  async () => {
    const device = {
      name: "null",
      type: "3",
      patch: [329, Buffer.from("0000001\0\x30000003\0")],
    } as const;
    const archive = tar([device, { name: "file" }]);
    const cwd = await importTo(rootless, archive, "-i");
    expect(readdirSync(join(cwd, "new"))).toEqual(["file"]);
    const told = await rootless.run(["import", "two"], { cwd, stdin: archive });
    expect(told).toMatchObject({
      status: 0,
      stderr:
        "selfdock: warning: left out: 1 device nodes, which only root can make (see -i)\n",
    });
  },
);
