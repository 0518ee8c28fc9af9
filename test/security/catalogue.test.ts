/** Each case of the catalogue has a test in this directory; which, is printed as a table. */

import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CATALOGUE } from "./catalogue.table.ts";

/** `attack("A01", …)`, `control("A01", …)` and `same("…", "A01", …)` of the files here. */
const DECLARATION =
  /\b(?:(attack|control)\(\s*"(A\d\d)"|same\(\s*"[^"]*",\s*"(A\d\d)")/g;

interface Found {
  readonly file: string;
  readonly kind: string;
  readonly id: string;
}

function declarations(): readonly Found[] {
  return readdirSync(import.meta.dir)
    .filter((file) => file.endsWith(".test.ts") && file !== "catalogue.test.ts")
    .flatMap((file) => {
      const text = readFileSync(join(import.meta.dir, file), "utf8");
      return [...text.matchAll(DECLARATION)].map(
        ([, kind = "attack", id, other]) => ({
          file,
          kind,
          id: (id ?? other)!,
        }),
      );
    });
}

test("every case of the catalogue has a test, and every test a case", () => {
  const found = declarations();
  const ids = Object.keys(CATALOGUE);
  const attacked = new Set(
    found.filter(({ kind }) => kind === "attack").map(({ id }) => id),
  );
  for (const id of ids) {
    const own = found.filter((each) => each.id === id);
    const count = (kind: string) =>
      own.filter((each) => each.kind === kind).length;
    const files = [
      ...new Set(own.map(({ file }) => file.replace(".test.ts", ""))),
    ].join(", ");
    console.log(
      `${id}  ${CATALOGUE[id]!.ways.join("+").padEnd(16)} tests ${String(count("attack")).padStart(2)}  controls ${count("control")}  ${files.padEnd(16)} ${CATALOGUE[id]!.rule}`,
    );
  }
  expect(ids.filter((id) => !attacked.has(id))).toEqual([]);
  expect(
    [...new Set(found.map(({ id }) => id))].filter((id) => !ids.includes(id)),
  ).toEqual([]);
  expect(ids).toHaveLength(69);
});
