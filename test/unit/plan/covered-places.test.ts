/** The places to cover, read from the text of mountinfo. */

import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { coveredPlaces } from "../../../src/plan/covered-places.ts";
import { countsFor } from "../syscalls/counts.ts";
import { b } from "./samples.ts";

interface Mount {
  readonly id: number;
  readonly parent: number;
  readonly at: string;
  /** `ext4`, or `tile` for a tmpfs of ours, or `tile:/a` for a bind of something in it. */
  readonly what?: string;
}

/** A line as the kernel writes it. */
function lineOf({ id, parent, at, what = "ext4" }: Mount): string {
  const place = at.replaceAll(
    /[ \t\n\\]/g,
    (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, "0")}`,
  );
  const [kind, inside = "/"] = what.split(":") as [string, string?];
  const end =
    kind === "tile" ? "tmpfs selfdock rw" : `${kind} /dev/sda1 rw,a=b - c`;
  const optional = id % 2 === 0 ? "" : "shared:1 master:2 ";
  return `${id} ${parent} 8:1 ${inside} ${place} rw,relatime ${optional}- ${end}\n`;
}

function placesIn(
  mounts: readonly Mount[],
  root = "/",
  mount = 1,
): readonly string[] {
  return coveredPlaces(b(mounts.map(lineOf).join("")), {
    root: b(root),
    mount,
  });
}

const ROOT: Mount = { id: 1, parent: 0, at: "/" };

type Row = readonly [
  why: string,
  mounts: readonly Mount[],
  expected: readonly string[],
];

const ROWS: readonly Row[] = [
  ["none where nothing is mounted", [ROOT], []],
  [
    "what is mounted on the root",
    [
      ROOT,
      { id: 2, parent: 1, at: "/proc", what: "proc" },
      { id: 3, parent: 1, at: "/a/b" },
    ],
    ["/proc", "/a/b"],
  ],
  [
    "not what is mounted on what is covered",
    [
      ROOT,
      { id: 2, parent: 1, at: "/a" },
      { id: 3, parent: 2, at: "/a/b" },
      { id: 4, parent: 3, at: "/a/b/c" },
    ],
    ["/a"],
  ],
  [
    "a place once that is mounted upon twice",
    [ROOT, { id: 2, parent: 1, at: "/a" }, { id: 3, parent: 2, at: "/a" }],
    ["/a"],
  ],
  [
    "the root itself where something is mounted over it",
    [ROOT, { id: 2, parent: 1, at: "/" }],
    ["/"],
  ],
  [
    "in names with spaces, tabs, newlines, backslashes and digits",
    [ROOT, { id: 2, parent: 1, at: "/a b\tc\nd\\e\\040f" }],
    ["/a b\tc\nd\\e\\040f"],
  ],
  [
    "in names of other bytes",
    [ROOT, { id: 2, parent: 1, at: "/\u00ff\u0001" }],
    ["/\u00ff\u0001"],
  ],
  [
    "where children come before their parents",
    [
      { id: 3, parent: 2, at: "/t/x" },
      { id: 2, parent: 1, at: "/t", what: "tile" },
      ROOT,
    ],
    [],
  ],
  [
    "not a tile and its entries, but what is mounted on these",
    [
      ROOT,
      { id: 2, parent: 1, at: "/t", what: "tile" },
      { id: 3, parent: 2, at: "/t/x" },
      { id: 4, parent: 3, at: "/t/x/y" },
    ],
    ["/t/x/y"],
  ],
  [
    "not a tile in a tile's entry, but what is mounted on its entries",
    [
      ROOT,
      { id: 2, parent: 1, at: "/t", what: "tile" },
      { id: 3, parent: 2, at: "/t/x" },
      { id: 4, parent: 3, at: "/t/x/u", what: "tile" },
      { id: 5, parent: 4, at: "/t/x/u/e" },
      { id: 6, parent: 5, at: "/t/x/u/e/z" },
    ],
    ["/t/x/u/e/z"],
  ],
  [
    "a bind of something in a tile's filesystem, which is none",
    [ROOT, { id: 2, parent: 1, at: "/f", what: "tile:/sub" }],
    ["/f"],
  ],
  [
    "another's tmpfs",
    [ROOT, { id: 2, parent: 1, at: "/f", what: "tmpfs" }],
    ["/f"],
  ],
  [
    "in the entries of a root that is a tile",
    [
      { ...ROOT, what: "tile" },
      { id: 2, parent: 1, at: "/usr" },
      { id: 3, parent: 2, at: "/usr/x" },
    ],
    ["/usr/x"],
  ],
  [
    "nothing behind a cover, a tile included",
    [
      ROOT,
      { id: 2, parent: 1, at: "/a" },
      { id: 3, parent: 2, at: "/a/t", what: "tile" },
      { id: 4, parent: 3, at: "/a/t/e" },
      { id: 5, parent: 4, at: "/a/t/e/z" },
    ],
    ["/a"],
  ],
  [
    "nothing of mounts elsewhere",
    [
      ROOT,
      { id: 7, parent: 9, at: "/other" },
      { id: 8, parent: 7, at: "/other/x" },
    ],
    [],
  ],
];

describe("places to cover:", () => {
  test.each(ROWS)("%s", (_, mounts, expected) => {
    expect(placesIn(mounts)).toEqual(expected);
  });

  test("with another root, those below it, as seen from it", () => {
    const mounts = [
      ROOT,
      { id: 2, parent: 1, at: "/r/a" },
      { id: 3, parent: 1, at: "/rr" },
      { id: 4, parent: 1, at: "/r" },
      { id: 5, parent: 4, at: "/r/b" },
    ];
    expect(placesIn(mounts, "/r")).toEqual(["/a"]);
    expect(placesIn(mounts, "/r", 4)).toEqual(["/b"]);
  });

  test("lines that are cut off or empty are passed over", () => {
    expect(
      coveredPlaces(b("\n1 0 8:1 / / rw - ext4 x rw\n2 1 8:1"), {
        root: b("/"),
        mount: 1,
      }),
    ).toEqual([]);
  });

  test("the order of the lines is nothing", () => {
    const mounts = ROWS.find(([why]) => why.startsWith("not a tile in"))![1];
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...mounts], { minLength: mounts.length }),
        (shuffled) => {
          expect(placesIn(shuffled)).toEqual(["/t/x/u/e/z"]);
        },
      ),
      countsFor(2),
    );
  });

  test("without tiles, each mount on the root and no other", () => {
    const names = fc.array(
      fc.string({
        unit: fc.constantFrom("a", " ", "\\", "\u00e9"),
        minLength: 1,
        maxLength: 4,
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(names, (parts) => {
        const direct = parts.map((name, index) => ({
          id: 10 + index,
          parent: 1,
          at: `/${name}`,
        }));
        const deeper = direct.map(({ id, at }) => ({
          id: id + 100,
          parent: id,
          at: `${at}/x`,
        }));
        expect(placesIn([ROOT, ...direct, ...deeper])).toEqual(
          direct.map(({ at }) => at),
        );
      }),
      countsFor(1),
    );
  });
});
