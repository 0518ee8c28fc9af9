/** The npm package: packed, installed where nothing else is, used by a program and from a shell. */

import { beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeRoom } from "../harness/room.ts";

const ROOT = join(import.meta.dir, "../..");
/** Packing and installing 100 MB, milliseconds. */
const PATIENCE = 180_000;

/** Everything that npm writes lies here. */
const place = makeRoom({ project: {} });
const project = join(place, "project");

function execute(words: readonly string[], cwd: string) {
  const env = {
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    HOME: place,
    npm_config_cache: join(place, "cache"),
    npm_config_update_notifier: "false",
  };
  const child = Bun.spawnSync([...words], { cwd, env, stdin: "ignore" });
  return {
    status: child.exitCode,
    stdout: child.stdout.toString(),
    stderr: child.stderr.toString(),
  };
}

const PROGRAM = `
import { batch, plan, run, SelfdockError, spawn, type Result } from "selfdock";

const result: Result = await run(["sh", "-c", "echo $$"], { vol: [[".", "."]], env: process.env });
await using instance = await spawn(["cat"], { stdin: "pipe" });
const writer = instance.stdin.getWriter();
await writer.write("streams ");
await writer.close();
let text = await new Response(instance.stdout).text();
for await (const { error } of batch([["true"], ["no-such-command"]]))
  if (error instanceof SelfdockError) text += error.exitStatus;
console.log(result.stdout.text() + text + plan().steps.length.toString().length);
`;

describe("the package", () => {
  beforeAll(() => {
    const pack = [
      "npm",
      "pack",
      "--ignore-scripts",
      "--pack-destination",
      place,
    ];
    expect(execute(pack, ROOT)).toMatchObject({ status: 0 });
    const [archive] = readdirSync(place).filter((name) =>
      name.endsWith(".tgz"),
    );
    const options = ["--offline", "--no-audit", "--no-fund"];
    const install = ["npm", "install", ...options, join(place, archive!)];
    expect(execute(install, project)).toMatchObject({ status: 0 });
    writeFileSync(join(project, "program.ts"), PROGRAM);
  }, PATIENCE);

  test("needs no other package, and brings its licences", () => {
    expect(readdirSync(join(project, "node_modules")).toSorted()).toEqual([
      ".bin",
      ".package-lock.json",
      "selfdock",
    ]);
    for (const name of ["LICENSE", "THIRD-PARTY.md", "README.md"])
      expect(existsSync(join(project, "node_modules/selfdock", name))).toBe(
        true,
      );
  });

  test("npx runs the program", () => {
    const run = execute(
      ["npx", "--no-install", "selfdock", "run", "echo", "x"],
      project,
    );
    expect(run).toEqual({ status: 0, stdout: "x\n", stderr: "" });
  });

  test("a program of Bun's imports the library", () => {
    const run = execute([process.execPath, "program.ts"], project);
    expect(run).toEqual({ status: 0, stdout: "1\nstreams 1273\n", stderr: "" });
  });

  test("its types hold without any types but Bun's", () => {
    mkdirSync(join(project, "node_modules/@types"), { recursive: true });
    const bun = join(ROOT, "node_modules/bun-types");
    const options = {
      compilerOptions: {
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        target: "ESNext",
        module: "Preserve",
        lib: ["ESNext"],
        types: [bun],
        noEmit: true,
      },
      files: ["program.ts"],
    };
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify(options));
    const check = execute([process.execPath, "check", "--no-pretty"], project);
    expect(check.stdout + check.stderr).toContain("No type errors");
    writeFileSync(
      join(project, "program.ts"),
      'import { run } from "selfdock";\nawait run("true");\n',
    );
    expect(execute([process.execPath, "check"], project).status).not.toBe(0);
  });

  test("Node.js is told that the library is for Bun", () => {
    for (const script of ['import("selfdock")', 'require("selfdock")']) {
      const run = execute(["node", "-e", script], project);
      expect(run.status).not.toBe(0);
      expect(run.stderr).toContain(
        "Cannot load the library of selfdock: it is for programs that Bun runs",
      );
    }
  });
});
