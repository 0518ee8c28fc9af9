/**
 * The walls between the layers are held by lint. Each row is a file that must
 * not get through, beside its neighbours that must: a rule that lets its row
 * pass, or that stops everything, is no wall.
 */

import { afterAll, describe, expect, test } from "bun:test";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "pathe";
import { scanDynamicImports } from "../../../tools/dynamic-imports.ts";

const root = join(import.meta.dir, "../../..");
const tree = mkdtempSync(join(tmpdir(), "test-walls-"));
afterAll(() => {
  if (process.env["KEEP_TEMP"] !== "1") rmSync(tree, { recursive: true });
});

const IMPORTS = "no-restricted-imports";
const PROPERTIES = "no-restricted-properties";
const GLOBALS = "no-restricted-globals";

/** A path in the tree, its text, and the rule that must stop it. */
const VIOLATIONS: readonly (readonly [string, string, string])[] = [
  ["src/launch/a01.ts", 'import "bun:ffi";', IMPORTS],
  ["src/plan/a02.ts", 'import "bun:ffi";', IMPORTS],
  ["syscalls/calls/a03.ts", 'import "bun:ffi";', IMPORTS],
  ["test/unit/a04.ts", 'import "bun:ffi";', IMPORTS],
  ["build.ts", 'import "bun:ffi";', IMPORTS],
  ["src/plan/a05.ts", 'import "../launch/ok.ts";', IMPORTS],
  ["src/plan/deep/a06.ts", 'import "../../launch/ok.ts";', IMPORTS],
  ["src/plan/a07.ts", 'import "../commands/ok.ts";', IMPORTS],
  ["src/plan/a08.ts", 'import "node:fs";', IMPORTS],
  ["src/plan/a09.ts", 'import "fs";', IMPORTS],
  ["src/plan/a10.ts", 'import "node:child_process";', IMPORTS],
  ["src/plan/a11.ts", 'import "bun";', IMPORTS],
  ["src/plan/a12.ts", 'import "../../syscalls/ffi.ts";', IMPORTS],
  ["src/plan/a13.ts", "export const a = process.env;", GLOBALS],
  ["src/plan/a14.ts", "export const a = Bun.version;", GLOBALS],
  ["src/stage0/a40.ts", 'import "../launch/ok.ts";', IMPORTS],
  ["src/commands/a41.ts", 'import "../../syscalls/ffi.ts";', IMPORTS],
  ["src/library/a42.ts", 'import "bun:ffi";', IMPORTS],
  ["src/library/a43.ts", 'import "../../syscalls/ok.ts";', IMPORTS],
  ["src/library/a44.ts", 'import "../commands/ok.ts";', IMPORTS],
  ["src/library/a45.ts", 'import "node:child_process";', IMPORTS],
  ["src/library/a46.ts", 'Bun.spawnSync(["true"]);', PROPERTIES],
  ["src/index.ts", 'import "../syscalls/ok.ts";', IMPORTS],
  ["src/launch/a47.ts", 'import "../library/ok.ts";', IMPORTS],
  ["src/commands/a48.ts", 'import "../library/ok.ts";', IMPORTS],
  ["src/plan/a49.ts", 'import "../library/ok.ts";', IMPORTS],
  ["src/launch/a15.ts", 'import "../commands/ok.ts";', IMPORTS],
  ["src/launch/a16.ts", 'import "node:fs/promises";', IMPORTS],
  ["src/launch/a17.ts", 'import "node:worker_threads";', IMPORTS],
  ["src/launch/a18.ts", 'import "node:child_process";', IMPORTS],
  ["src/launch/a19.ts", 'import "bun";', IMPORTS],
  ["src/launch/a20.ts", 'import "../../test/ok.ts";', IMPORTS],
  ["src/commands/a21.ts", 'import "../../syscalls/ok.ts";', IMPORTS],
  ["src/commands/a22.ts", 'import "fs/promises";', IMPORTS],
  ["src/commands/a23.ts", 'import "node:process";', IMPORTS],
  ["syscalls/a24.ts", 'import "../src/plan/ok.ts";', IMPORTS],
  ["syscalls/ffi.ts", 'import "../src/plan/ok.ts";', IMPORTS],
  ["src/commands/a25.ts", "process.exit(1);", PROPERTIES],
  ["src/launch/a26.ts", 'process.stdout.write("");', PROPERTIES],
  ["syscalls/a27.ts", 'process.stderr.write("");', PROPERTIES],
  ["syscalls/a28.ts", "process.exit(1);", PROPERTIES],
  ["src/launch/a29.ts", 'Bun.spawnSync(["true"]);', PROPERTIES],
  ["src/launch/a30.ts", 'export const a = Bun.file("/");', PROPERTIES],
  ["src/launch/a31.ts", 'export const a = new Worker("");', GLOBALS],
  ["src/launch/a32.ts", 'console.log("");', "no-console"],
  [
    "src/launch/a33.ts",
    "async function a(): Promise<void> {}\na();",
    "no-floating-promises",
  ],
  [
    "src/plan/a34.ts",
    'export function a(b: "c" | "d"): void {\n  switch (b) {\n    case "c":\n  }\n}',
    "switch-exhaustiveness-check",
  ],
  [
    "src/plan/a35.ts",
    'import { b } from "./a36.ts";\nexport const a = (): unknown => b;',
    "no-cycle",
  ],
  [
    "src/plan/a36.ts",
    'import { a } from "./a35.ts";\nexport const b = (): unknown => a;',
    "no-cycle",
  ],
  ["src/plan/a37.ts", "// a line\n".repeat(301), "max-lines"],
  [
    "src/plan/a38.ts",
    `export function a(): void {\n${"  // a line\n".repeat(60)}}`,
    "max-lines-per-function",
  ],
  [
    "src/plan/a39.ts",
    "export const a = (b: 1, c: 1, d: 1, e: 1, f: 1): unknown => [b, c, d, e, f];",
    "max-params",
  ],
];

/** What the same rules must let through. */
const NEIGHBOURS: readonly (readonly [string, string])[] = [
  ["src/commands/ok.ts", 'import "../launch/ok.ts";\nimport "../plan/ok.ts";'],
  ["src/commands/print.ts", 'import "../../syscalls/render.ts";'],
  [
    "src/stage0/ok.ts",
    'import "../plan/ok.ts";\nimport "../../syscalls/ok.ts";',
  ],
  [
    "src/launch/ok.ts",
    'import "../plan/ok.ts";\nimport "../../syscalls/ffi.ts";\nimport "node:fs";',
  ],
  ["src/plan/ok.ts", 'import "../../syscalls/ok.ts";'],
  [
    "src/library/ok.ts",
    'import "../launch/ok.ts";\nimport "../commands/parse-setting.ts";\nexport const a = Bun.file(0);',
  ],
  ["syscalls/ok.ts", "export const ok = true;"],
  ["syscalls/long.table.ts", "// a line\n".repeat(400)],
  ["test/ok.ts", 'import "../src/commands/ok.ts";'],
];

interface Diagnostic {
  readonly code: string;
  readonly filename: string;
}

/** Lints the tree with the project's own rules: file and rule of each finding. */
function lintTree(): string[] {
  const linter = Bun.spawnSync(
    [join(root, "node_modules/.bin/oxlint"), "--format=json"],
    { cwd: tree },
  );
  const { diagnostics } = JSON.parse(linter.stdout.toString()) as {
    diagnostics: readonly Diagnostic[];
  };
  return diagnostics.map(
    ({ code, filename }) => `${filename} ${code.replace(/^.*\((.*)\)$/, "$1")}`,
  );
}

describe("walls", () => {
  for (const name of [".oxlintrc.json", "tsconfig.json", "package.json"]) {
    cpSync(join(root, name), join(tree, name));
  }
  symlinkSync(join(root, "node_modules"), join(tree, "node_modules"));
  for (const [path, text] of [...NEIGHBOURS, ...VIOLATIONS]) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), `${text}\n`);
  }
  const findings = lintTree();

  for (const [path, text, rule] of VIOLATIONS) {
    const title = text.length < 60 ? JSON.stringify(text) : rule;
    test(`${path} may not have ${title}`, () => {
      expect(findings).toContain(`${path} ${rule}`);
    });
  }

  for (const [path] of NEIGHBOURS) {
    test(`${path} passes`, () => {
      const walls = [IMPORTS, PROPERTIES, GLOBALS, "no-cycle", "max-lines"];
      expect(
        walls.filter((rule) => findings.includes(`${path} ${rule}`)),
      ).toEqual([]);
    });
  }
});

describe("dynamic imports, which lint does not see", () => {
  const cases: readonly (readonly [string, string, number])[] = [
    ["src/launch/a.ts", 'await import("bun:ffi");', 1],
    ["src/plan/a.ts", 'export const a = () => import("./b.ts");', 1],
    ["syscalls/a.ts", 'require("bun:ffi");', 1],
    ["src/commands/a.ts", 'await import("node:fs/promises");', 1],
    ["src/commands/a.ts", 'await import("worker_threads");', 1],
    ["src/commands/a.ts", 'await import("bun:ffi");', 1],
    ["src/commands/a.ts", 'await import("../launch/a.ts");', 0],
    ["src/commands/a.ts", 'await import("consola/core");', 0],
    ["src/plan/a.ts", 'import "./b.ts";', 0],
  ];
  for (const [path, text, count] of cases) {
    test(`${path}: ${text} is ${count === 0 ? "allowed" : "refused"}`, () => {
      expect(scanDynamicImports(path, text)).toHaveLength(count);
    });
  }
});
