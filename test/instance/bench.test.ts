/** `npm run bench` works: a few rounds of everything. Its figures are looked at in bench/RESULTS.md. */

import { expect } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { rule } from "../harness/needs.ts";

const MAIN = join(import.meta.dir, "../../bench/main.ts");

rule(
  "the benchmark measures all that it promises, and cleans up",
  ["root"],
  () => {
    const { exitCode, stdout, stderr } = Bun.spawnSync([
      process.execPath,
      MAIN,
      "--quick",
    ]);
    expect(stderr.toString()).toBe("");
    expect(exitCode).toBe(0);
    const text = stdout.toString();
    const titles = [...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
    expect(titles).toEqual([
      "What must be",
      "Start latency",
      "Options",
      "Rate",
      "Many instances from one process",
      "The library",
      "Beside running instances",
      "Many mounts",
      "Many maps",
      "A C project",
    ]);
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
    const left = readdirSync("/usr/local/lib").filter((name) =>
      name.startsWith("selfdock-bench-"),
    );
    expect(left).toEqual([]);
    return Promise.resolve();
  },
);
