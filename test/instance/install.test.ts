/** `install` and `uninstall`: what goes where, whose it is, and which places are refused. */

import { expect } from "bun:test";
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { rule } from "../harness/needs.ts";
import { plainProgram } from "../harness/program.ts";
import { makeRoom, USER } from "../harness/room.ts";
import { rootOf } from "../harness/roots.ts";
import { runOutside, type Result } from "../harness/run.ts";

const PREFIX = "/usr/local";
const FILES: Readonly<Record<string, string | null>> = {
  "share/man/man1/selfdock.1": "man",
  "share/bash-completion/completions/selfdock": "bash",
  "share/zsh/site-functions/_selfdock": "zsh",
  "share/fish/vendor_completions.d/selfdock.fish": "fish",
  "share/doc/selfdock/licences.md": null,
};
const PROFILE = "etc/apparmor.d/usr.local.bin.selfdock";

/** `selfdock WORDS`, by root unless USER is given, with DESTDIR. */
function selfdock(
  words: readonly string[],
  DESTDIR: string,
  user = 0,
): Promise<Result> {
  return runOutside([plainProgram(), ...words], { user, env: { DESTDIR } });
}

/** Every path below a directory with its mode and owner, and a file's size. */
function listTree(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((name) => {
      const { mode, uid, size } = lstatSync(join(directory, name));
      return `${name} ${mode.toString(8)} ${uid} ${size}`;
    })
    .toSorted();
}

/** A destination with AppArmor's directory as AppArmor VERSION has it. */
function destinationWith(version: string): string {
  const destination = rootOf("destination");
  mkdirSync(join(destination, "etc/apparmor.d/abi"), { recursive: true });
  writeFileSync(join(destination, "etc/apparmor.d/abi", version), "");
  return destination;
}

rule(
  "install writes the program and each companion as root's, and uninstall removes exactly those",
  ["root"],
  async () => {
    const destination = destinationWith("4.0");
    const base = join(destination, PREFIX);
    for (const file of ["bin/other", "share/man/man1/other.1"]) {
      mkdirSync(dirname(join(base, file)), { recursive: true });
      writeFileSync(join(base, file), "other");
    }
    for (const file of Object.keys(FILES))
      mkdirSync(dirname(join(base, file)), { recursive: true });
    const before = listTree(destination);
    expect(await selfdock(["install"], destination)).toMatchObject({
      status: 0,
      stdout: "",
      stderr: "",
    });
    expect(lstatSync(join(base, "bin/selfdock"))).toMatchObject({
      uid: 0,
      gid: 0,
      mode: 0o104755,
    });
    for (const [file, topic] of Object.entries(FILES)) {
      const status = lstatSync(join(base, file));
      expect(status).toMatchObject({ uid: 0, gid: 0, mode: 0o100644 });
      if (topic === null) continue;
      const { stdout } = await selfdock(["help", topic], "", USER);
      expect(readFileSync(join(base, file), "utf8")).toBe(stdout);
    }
    const profile = readFileSync(join(destination, PROFILE), "utf8");
    expect(profile).toContain(
      "\n/usr/local/bin/selfdock flags=(unconfined) {\n  userns,\n",
    );
    expect(profile).not.toContain(destination);
    const inside = await runOutside([join(base, "bin/selfdock"), "run", "id"]);
    expect(inside.stdout).toContain("uid=1000");
    expect(listTree(destination)).toHaveLength(before.length + 7);
    expect(await selfdock(["uninstall"], destination)).toMatchObject({
      status: 0,
      stderr: "",
    });
    // The directory of its own goes too; it was empty before.
    expect(listTree(destination)).toEqual(
      before.filter((line) => !line.includes("doc/selfdock")),
    );
    const again = await selfdock(["uninstall"], destination);
    expect(again.status).toBe(124);
    expect(again.stderr).toContain('/selfdock": no such file or directory\n');
  },
);

rule(
  "what is installed with a narrow or a wide umask is for everybody to use, and root's to change",
  ["root"],
  async () => {
    for (const umask of ["077", "000"]) {
      const destination = rootOf("destination");
      const env = { DESTDIR: destination };
      const install = [plainProgram(), "install", "--prefix", "/opt"];
      await runOutside(install, { user: 0, env, umask });
      const modes = listTree(destination).map((line) => line.split(" ")[1]);
      expect(new Set(modes)).toEqual(new Set(["40755", "100644", "104755"]));
    }
  },
);

rule(
  "the profile is written where AppArmor knows user namespaces, and nowhere else",
  ["root"],
  async () => {
    for (const [version, expected] of [
      ["3.0", false],
      ["4.0", true],
    ] as const) {
      const destination = destinationWith(version);
      await selfdock(["install"], destination);
      expect(existsSync(join(destination, PROFILE))).toBe(expected);
    }
    const bare = rootOf("destination");
    await selfdock(["install", "--prefix", "/opt"], bare);
    expect(readdirSync(bare)).toEqual(["opt"]);
  },
);

rule(
  "each place that others can change is refused, and nothing is written",
  ["root"],
  async () => {
    const places = [
      "usr/local",
      "usr/local/bin",
      "etc/apparmor.d",
      ...Object.keys(FILES).map((file) => join("usr/local", dirname(file))),
    ];
    const spoil: Readonly<Record<string, (path: string) => void>> = {
      "another's": (path) => chownSync(path, USER, USER),
      "open to all": (path) => chmodSync(path, 0o757),
      "open to a group": (path) => chmodSync(path, 0o775),
    };
    for (const place of places)
      for (const [how, change] of Object.entries(spoil)) {
        const destination = destinationWith("4.0");
        mkdirSync(join(destination, place), { recursive: true });
        change(join(destination, place));
        const before = listTree(destination);
        for (const mode of ["4755", "0755"]) {
          const { status, stderr } = await selfdock(
            ["install", "--mode", mode],
            destination,
          );
          expect(`${place} ${how}: ${status}`).toBe(`${place} ${how}: 124`);
          expect(stderr).toContain("users other than root can write");
        }
        expect(listTree(destination)).toEqual(before);
      }
  },
);

rule("a symlink on the way counts for where it leads", ["root"], async () => {
  const destination = rootOf("destination");
  const room = makeRoom();
  mkdirSync(join(destination, "usr/local"), { recursive: true });
  symlinkSync(room, join(destination, "usr/local/share"));
  const refused = await selfdock(["install"], destination);
  expect(refused.status).toBe(124);
  expect(readdirSync(room)).toEqual([]);
  expect(existsSync(join(destination, "usr/local/bin"))).toBe(false);
});

rule(
  "a file takes its place by rename: nothing is written through a link",
  ["root"],
  async () => {
    const destination = rootOf("destination");
    const manual = join(destination, PREFIX, "share/man/man1/selfdock.1");
    const program = join(destination, PREFIX, "bin/selfdock");
    const elsewhere = join(destination, "elsewhere");
    for (const path of [manual, program])
      mkdirSync(dirname(path), { recursive: true });
    writeFileSync(elsewhere, "kept");
    linkSync(elsewhere, manual);
    symlinkSync(elsewhere, program);
    expect((await selfdock(["install"], destination)).status).toBe(0);
    expect(readFileSync(elsewhere, "utf8")).toBe("kept");
    expect(lstatSync(program).isSymbolicLink()).toBe(false);
    expect(lstatSync(manual).nlink).toBe(1);
    // Over an older one, too, which goes on for who runs it.
    const { ino } = lstatSync(program);
    expect((await selfdock(["install"], destination)).status).toBe(0);
    expect(lstatSync(program).ino).not.toBe(ino);
    expect(readdirSync(dirname(program))).toEqual(["selfdock"]);
  },
);

rule(
  "only root installs, below an absolute DESTDIR, where a profile can name it",
  ["root"],
  async () => {
    const destination = destinationWith("4.0");
    const before = listTree(destination);
    for (const [words, to, user, said] of [
      [["install"], destination, USER, "only root can"],
      [["uninstall"], destination, USER, "only root can"],
      [["install"], "var/tmp", 0, "not an absolute path"],
      [["install", "--prefix", "/opt/a*b"], destination, 0, "mean themselves"],
      [["install", "--prefix", "/opt/a\nb"], destination, 0, "mean themselves"],
    ] as const) {
      const { status, stderr } = await selfdock(words, to, user);
      expect(status).toBe(124);
      expect(stderr).toContain(said);
    }
    expect(listTree(destination)).toEqual(before);
  },
);
