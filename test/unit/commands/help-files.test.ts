/** What help generates: guides, the man page, completions; each from the tables, so that none can drift. */

import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { renderBash } from "../../../src/commands/complete-bash.ts";
import { renderFish } from "../../../src/commands/complete-fish.ts";
import { renderZsh } from "../../../src/commands/complete-zsh.ts";
import { COMMANDS } from "../../../src/commands/commands.table.ts";
import { GUIDES } from "../../../src/commands/guides.table.ts";
import { renderHelp } from "../../../src/commands/help.ts";
import { GUIDE_NAMES } from "../../../src/commands/invocation.ts";
import { renderManual } from "../../../src/commands/manual.ts";
import { renderVersion } from "../../../src/commands/version.ts";
import { OPTIONS, type Option } from "../../../src/commands/options.table.ts";
import { makeRoom } from "../../harness/room.ts";
import { parse } from "./lines.ts";

const ROWS: readonly Option[] = OPTIONS;

describe.each([...GUIDE_NAMES])("the guide %s", (name) => {
  test("fits 80 columns of ASCII", () => {
    const text = renderHelp(name, false);
    expect(text).toMatch(/^[ -~\n]+$/);
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  test("shows lines that selfdock takes", () => {
    for (const { line } of GUIDES[name].examples) {
      const words: readonly string[] = line.match(/(?:'[^']*'|[^\s'])+/g) ?? [];
      const own = words
        .slice(words.indexOf("selfdock") + 1)
        .filter((_, at, all) => !all.slice(0, at + 1).includes("<"));
      expect(words).toContain("selfdock");
      parse(
        ...own.map((word) =>
          word.replaceAll("'", "").replace(/^~/, "/home/me"),
        ),
      );
    }
  });
});

describe("the man page", () => {
  test("names every command and option", () => {
    const text = renderManual().replaceAll(String.raw`\-`, "-");
    for (const { name } of COMMANDS) expect(text).toContain(`\\fB${name}\\fR`);
    for (const { name } of ROWS)
      expect(text).toMatch(new RegExp(`--${name}[[ \\\\]`));
  });

  test("is of the version and the day that NEWS.md begins with", async () => {
    const news = await Bun.file(
      join(import.meta.dir, "../../../NEWS.md"),
    ).text();
    const [, version, day] = /^## (\S+) \((\S+)\)$/m.exec(news)!;
    expect(renderManual()).toStartWith(
      `.TH SELFDOCK 1 "${day}" "selfdock ${version}"\n`,
    );
    expect(renderVersion()).toBe(`selfdock ${version}\n`);
  });

  const mandoc = Bun.which("mandoc");
  test.skipIf(mandoc === null)("has nothing for mandoc to complain of", () => {
    const { stdout, exitCode } = Bun.spawnSync(["mandoc", "-T", "lint"], {
      stdin: Buffer.from(renderManual()),
    });
    expect(stdout.toString()).toBe("");
    expect(exitCode).toBe(0);
  });

  const groff = Bun.which("groff");
  test.skipIf(groff === null)("is set without a warning", () => {
    const { stdout, stderr } = Bun.spawnSync(
      ["groff", "-man", "-ww", "-Tutf8", "-P-c"],
      { stdin: Buffer.from(renderManual()) },
    );
    expect(stderr.toString()).toBe("");
    const text = stdout.toString().replaceAll(/.\u0008/g, "");
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(text).toContain("-v, --vol SRC DST\n");
    expect(text).toContain("--hide ~/.ssh");
  });
});

/** What bash offers at the end of LINE. */
function complete(...words: readonly string[]): readonly string[] {
  const script = `${renderBash()}
COMP_WORDS=(selfdock "$@"); COMP_CWORD=$#; _selfdock; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = Bun.spawnSync(
    ["bash", "--norc", "-c", script, "bash", ...words],
    { env: { PATH: "/usr/bin:/bin" }, cwd: "/" },
  );
  expect(stderr.toString()).toBe("");
  return stdout.toString().trim().split("\n");
}

describe("completions", () => {
  test.each([
    [["st"], ["stop"]],
    [
      ["run", "--roo"],
      ["--rootfs", "--rootless"],
    ],
    [
      ["ps", "--"],
      ["--json", "--help", "--version"],
    ],
    [["--net", "n"], ["none"]],
    [["-r", "/us"], ["/usr"]],
    [["-m", "/us"], ["/usr"]],
    [["-m", "/etc", "/us"], ["/usr"]],
    [["-m", "/etc", "/x", "bui"], ["build"]],
    [["help", "debo"], ["debootstrap"]],
    [["-r", "/", "run", "unam"], ["uname"]],
    [["run", "-C", "/us"], ["/usr"]],
    [["stop", "-t", "5", "--t"], ["--timeout"]],
    [["run", "ls", "/us"], ["/usr"]],
  ] as const)("bash: %j", (words, expected) => {
    const offered = complete(...words);
    for (const word of expected) expect(offered).toContain(word);
  });

  test("bash offers the commands of the root", () => {
    expect(complete("run", "unam")).toContain("uname");
    expect(complete("-r", "/nowhere", "run", "unam")).toEqual([""]);
  });

  test.each([
    ["bash", renderBash()],
    ["zsh", renderZsh()],
    ["fish", renderFish()],
  ])("%s: every command and option, in ASCII", (shell, script) => {
    expect(script).toMatch(/^[ -~\n]+$/);
    for (const { name } of COMMANDS) expect(script).toContain(name);
    for (const { name } of ROWS) expect(script).toContain(`--${name}`);
    if (Bun.which(shell) === null) return;
    const file = join(makeRoom({ script }), "script");
    const { stderr } = Bun.spawnSync([shell, "-n", file]);
    expect(stderr.toString()).toBe("");
  });
});
