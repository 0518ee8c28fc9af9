/** The Debian package: built by dpkg-buildpackage alone, installed, made setuid, removed. */

import { expect } from "bun:test";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { version } from "../../package.json";
import { renderProfile } from "../../src/commands/apparmor.ts";
import { rule } from "../harness/needs.ts";
import { busyboxRoot, rootOf } from "../harness/roots.ts";
import { runOutside } from "../harness/run.ts";
import { plainProgram } from "../harness/program.ts";

const CHECKOUT = join(import.meta.dir, "../..");
const NEEDS = ["root", "program:dpkg-buildpackage", "program:npm"] as const;

async function mustRun(
  command: readonly string[],
  cwd = "/",
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { status, stdout, stderr } = await runOutside(command, {
    user: 0,
    cwd,
    env,
    timeout: 110,
  });
  expect({ command, status, said: stdout + stderr }).toMatchObject({
    status: 0,
  });
  return stdout;
}

/** The files of the checkout with their times, and what is built, so that nothing is fetched. */
async function copyCheckout(): Promise<string> {
  const copy = join(rootOf("package"), "selfdock");
  const script = `
mkdir -p "$1"
git ls-files -co --exclude-standard -z | xargs -0 cp -a --parents -t "$1"
cp -al node_modules "$1" 2>/dev/null || cp -a node_modules "$1"
cp -a dist "$1"`;
  const words = ["/bin/sh", "-ec", script, "sh", copy];
  await mustRun(words, CHECKOUT, {
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "safe.directory",
    GIT_CONFIG_VALUE_0: "*",
  });
  return copy;
}

let built: Promise<string> | undefined;

/** The path of the package, built once. */
function packageFile(): Promise<string> {
  built ??= copyCheckout().then(async (copy) => {
    await mustRun(
      ["/usr/bin/dpkg-buildpackage", "-b", "-us", "-uc"],
      copy,
      // Packed quickly; how well does not matter here.
      { DPKG_DEB_OPTIONS: "-Zgzip -z1" },
    );
    return join(dirname(copy), `selfdock_${version}_amd64.deb`);
  });
  return built;
}

rule(
  "the package holds the program without setuid, and what its own help says",
  NEEDS,
  async () => {
    const file = await packageFile();
    const fields = await mustRun(["/usr/bin/dpkg-deb", "-f", file]);
    expect(fields).toContain(`Version: ${version}\n`);
    expect(fields).not.toContain("debconf");
    const tree = rootOf("extracted");
    await mustRun(["/usr/bin/dpkg-deb", "-x", file, tree]);
    const names = readdirSync(tree, { recursive: true, encoding: "utf8" });
    for (const name of names) {
      const { uid, gid, mode } = lstatSync(join(tree, name));
      expect({ name, uid, gid, bits: mode & 0o7022 }).toEqual({
        name,
        uid: 0,
        gid: 0,
        bits: 0,
      });
    }
    const program = join(tree, "usr/bin/selfdock");
    const inside = await runOutside([program, "run", "id", "-u"]);
    expect(inside).toMatchObject({ status: 0, stdout: "1000\n" });
    for (const [topic, path] of [
      ["bash", "bash-completion/completions/selfdock"],
      ["zsh", "zsh/vendor-completions/_selfdock"],
      ["fish", "fish/vendor_completions.d/selfdock.fish"],
      ["man", "man/man1/selfdock.1.gz"],
    ] as const) {
      const { stdout } = await runOutside([plainProgram(), "help", topic]);
      const bytes = readFileSync(join(tree, "usr/share", path));
      const text = path.endsWith(".gz") ? Bun.gunzipSync(bytes) : bytes;
      expect(Buffer.from(text).toString()).toBe(stdout);
    }
    expect(
      readFileSync(
        join(tree, "usr/share/apparmor/extra-profiles/usr.bin.selfdock"),
        "utf8",
      ),
    ).toBe(renderProfile("/usr/bin/selfdock"));
  },
);

/** A root that dpkg can install into, with AppArmor's directory as version 4 has it. */
async function dpkgRoot(): Promise<string> {
  const root = await busyboxRoot();
  for (const name of ["var/lib/dpkg/info", "var/lib/dpkg/updates"])
    mkdirSync(join(root, name), { recursive: true });
  writeFileSync(join(root, "var/lib/dpkg/status"), "");
  mkdirSync(join(root, "etc/apparmor.d/abi"), { recursive: true });
  writeFileSync(join(root, "etc/apparmor.d/abi/4.0"), "");
  return root;
}

rule(
  "installed it can be made setuid for good, and purged it leaves nothing",
  NEEDS,
  async () => {
    const file = await packageFile();
    const root = await dpkgRoot();
    const dpkg = (...words: readonly string[]) =>
      mustRun(["/usr/bin/dpkg", `--root=${root}`, "--force-depends", ...words]);
    const program = join(root, "usr/bin/selfdock");
    const profile = join(root, "etc/apparmor.d/usr.bin.selfdock");
    await dpkg("-i", file);
    expect(lstatSync(program).mode).toBe(0o100755);
    expect(existsSync(profile)).toBe(true);
    const how = /dpkg-statoverride (--update --add root root 4755 \S+)/;
    for (const place of ["debian/control", "debian/README.Debian"])
      expect(readFileSync(join(CHECKOUT, place), "utf8")).toMatch(how);
    const text = readFileSync(join(CHECKOUT, "debian/README.Debian"), "utf8");
    const words = how.exec(text)![1]!.split(" ");
    await mustRun(["/usr/bin/dpkg-statoverride", `--root=${root}`, ...words]);
    expect(lstatSync(program).mode).toBe(0o104755);
    // An upgrade keeps the bit.
    await dpkg("-i", file);
    expect(lstatSync(program).mode).toBe(0o104755);
    await dpkg("--purge", "selfdock");
    expect(existsSync(program)).toBe(false);
    expect(existsSync(profile)).toBe(false);
    expect(existsSync(join(root, "usr/share/doc/selfdock"))).toBe(false);
  },
);

rule("the changelog is of this version", [], () => {
  const text = readFileSync(join(CHECKOUT, "debian/changelog"), "utf8");
  expect(text).toStartWith(`selfdock (${version}) `);
  return Promise.resolve();
});
