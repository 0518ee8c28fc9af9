/** The target's environment, entry by entry. */

import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Bytes } from "../../../src/plan/bytes.ts";
import { resolveEnvironment } from "../../../src/plan/environment.ts";
import type { EnvironmentChange } from "../../../src/plan/request.ts";
import { countsFor } from "../syscalls/counts.ts";
import { b } from "./samples.ts";

/** `A=1` sets, `A` unsets. */
function changesOf(words: readonly string[]): readonly EnvironmentChange[] {
  return words.map((word) => {
    const end = word.indexOf("=");
    return end < 0
      ? { kind: "unset", name: b(word) }
      : {
          kind: "set",
          name: b(word.slice(0, end)),
          value: b(word.slice(end + 1)),
        };
  });
}

/** The environment as texts. */
function resolved(
  caller: readonly string[],
  changes: readonly string[],
): readonly string[] {
  const { entries } = resolveEnvironment(changesOf(changes), caller as Bytes[]);
  return entries.map((entry) =>
    entry.kind === "set" ? entry.text : caller[entry.index]!,
  );
}

type Row = readonly [
  why: string,
  caller: string[],
  changes: string[],
  expected: string[],
];

describe("the environment", () => {
  const rows: readonly Row[] = [
    [
      "is the caller's where nothing is asked",
      ["B=1", "A=2"],
      [],
      ["B=1", "A=2"],
    ],
    [
      "keeps duplicates, empty names and entries without a name or value",
      ["A=1", "A=2", "", "=", "=x", "B", "C="],
      [],
      ["A=1", "A=2", "", "=", "=x", "B", "C="],
    ],
    [
      "gets new variables behind, in the order given",
      ["Z=0"],
      ["B=1", "A=2"],
      ["Z=0", "B=1", "A=2"],
    ],
    [
      "loses every duplicate of a name that is set",
      ["A=1", "B=1", "A=2"],
      ["A=3"],
      ["B=1", "A=3"],
    ],
    [
      "loses every duplicate of a name that is unset",
      ["A=1", "B=1", "A=2"],
      ["A"],
      ["B=1"],
    ],
    [
      "keeps names that only begin alike",
      ["AB=1", "A=1", "A B=2"],
      ["A"],
      ["AB=1", "A B=2"],
    ],
    ["loses an entry that is the bare name", ["A", "B"], ["A"], ["B"]],
    ["takes the last word about a name", ["A=1"], ["A=2", "A", "A=3"], ["A=3"]],
    [
      "takes the last word about a name, also where it is to unset it",
      [],
      ["A=2", "A"],
      [],
    ],
    ["keeps = in values", [], ["A=b=c="], ["A=b=c="]],
    ["can have empty values", ["A=1"], ["A="], ["A="]],
    [
      "does not mind names of objects' properties",
      ["constructor=1"],
      ["__proto__=2", "toString"],
      ["constructor=1", "__proto__=2"],
    ],
  ];
  test.each(rows)("%s", (_, caller, changes, expected) => {
    expect(resolved(caller, changes)).toEqual(expected);
  });

  test("says whether it is the caller's very array", () => {
    expect(resolveEnvironment([], [b("A=1")]).changed).toBe(false);
    expect(resolveEnvironment(changesOf(["B"]), [b("A=1")]).changed).toBe(true);
  });

  test("of any changes has each name as the last change says, and the rest as it was", () => {
    const name = fc.constantFrom("A", "B", "AB", "PATH");
    const entry = fc.oneof(
      fc
        .tuple(name, fc.string({ maxLength: 3 }))
        .map((parts) => parts.join("=")),
      name,
      fc.string({ maxLength: 4 }),
    );
    const change = fc.oneof(
      fc.tuple(name, fc.constantFrom("", "1")).map((parts) => parts.join("=")),
      name,
    );
    const nameOf = (text: string) => text.split("=")[0]!;
    fc.assert(
      fc.property(fc.array(entry), fc.array(change), (caller, changes) => {
        const after = resolved(caller, changes);
        const named = new Set(changes.map(nameOf));
        expect(after.filter((text) => !named.has(nameOf(text)))).toEqual(
          caller.filter((text) => !named.has(nameOf(text))),
        );
        for (const each of named) {
          const last = changes.findLast((text) => nameOf(text) === each)!;
          expect(after.filter((text) => nameOf(text) === each)).toEqual(
            last.includes("=") ? [last] : [],
          );
        }
      }),
      countsFor(1),
    );
  });
});
