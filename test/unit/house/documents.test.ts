/** What the documents point at is there. */

import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "pathe";

const root = join(import.meta.dir, "../../..");
const DOCUMENTS = [
  "README.md",
  "SECURITY.md",
  "CONTRIBUTING.md",
  "NEWS.md",
  "THIRD-PARTY.md",
  "debian/README.Debian",
];
const FOLDERS = "src|syscalls|test|bench|tools|examples|debian";

/** The files and folders that a text names. */
function namedIn(text: string): readonly string[] {
  const found = text.matchAll(
    new RegExp(`(?<![\\w./-])(?:${FOLDERS})/[\\w./*\\\\-]+`, "g"),
  );
  return [...found].map(([path]) =>
    path.replaceAll("\\", "").replace(/[.,]+$/, ""),
  );
}

function isThere(path: string): boolean {
  if (!path.includes("*")) return existsSync(join(root, path));
  const glob = new Bun.Glob(path);
  return [...glob.scanSync({ cwd: root, onlyFiles: true })].length > 0;
}

describe.each(DOCUMENTS)("%s", (name) => {
  const text = readFileSync(join(root, name), "utf8");

  test("names files and folders that are there", () => {
    expect(namedIn(text).filter((path) => !isThere(path))).toEqual([]);
  });

  test("links to what is there", () => {
    const links = [...text.matchAll(/\]\(([^)#]+)\)/g)].map(([, to]) => to!);
    const missing = links.filter(
      (to) =>
        !to.startsWith("https:") && !existsSync(join(root, dirname(name), to)),
    );
    expect(missing).toEqual([]);
  });
});

test("SECURITY.md's attacks in brackets are tests", () => {
  const text = readFileSync(join(root, "SECURITY.md"), "utf8");
  const rows = text.matchAll(/^\| .* \[([a-z, -]+)\] +\|$/gm);
  const names = [...rows].flatMap(([, list]) => list!.split(", "));
  expect(names.length).toBeGreaterThan(7);
  const missing = names.filter(
    (name) => !existsSync(join(root, `test/security/${name}.test.ts`)),
  );
  expect(missing).toEqual([]);
});
