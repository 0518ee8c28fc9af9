/** Paths for show, and the name under which `.` puts a source. */

import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { joinPath } from "../../../src/plan/path.ts";
import { countsFor } from "../syscalls/counts.ts";
import { b } from "./samples.ts";

describe("a path seen from a directory", () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ["/home/u", ".", "/home/u"],
    ["/home/u", "a/b", "/home/u/a/b"],
    ["/home/u", "/etc", "/etc"],
    ["/home/u", "..", "/home"],
    ["/home/u", "../../..", "/"],
    ["/", "../a", "/a"],
    ["/", ".", "/"],
    ["/home/u", "a//b/./c/", "/home/u/a/b/c"],
    ["/home/u", "/a/../b", "/b"],
    ["/home/u", "...", "/home/u/..."],
    ["/home/u", ".a", "/home/u/.a"],
    ["/home/u", " ", "/home/u/ "],
    ["/", "a\nb\u00ff", "/a\nb\u00ff"],
  ];
  test.each(rows)("%j and %j are %j", (directory, path, expected) => {
    expect(joinPath(b(directory), b(path))).toBe(b(expected));
  });

  test("is absolute and has no empty, `.` or `..` component", () => {
    const component = fc.constantFrom("", ".", "..", "a", "...", ".b");
    const path = fc
      .array(component, { minLength: 1, maxLength: 8 })
      .map((parts) => parts.join("/"));
    fc.assert(
      fc.property(path, path, (directory, given) => {
        const joined = joinPath(b(`/${directory}`), b(given));
        expect(joined).toMatch(/^\//);
        if (joined === "/") return;
        for (const each of joined.slice(1).split("/"))
          expect(["", ".", ".."]).not.toContain(each);
        expect(joinPath(b("/"), joined)).toBe(joined);
      }),
      countsFor(1),
    );
  });
});
