/** Header blocks and PAX records, as tools write them and as nobody should. */

import { describe, expect, test } from "bun:test";
import type { Bytes } from "../../../src/plan/bytes.ts";
import {
  applyPaxRecords,
  paxAttributes,
  paxSparse,
  parsePaxRecords,
} from "../../../src/plan/image/pax.ts";
import {
  checkSegments,
  isZero,
  parseSparseBlock,
  parseTarHeader,
} from "../../../src/plan/image/tar-header.ts";
import { pax, tarBody, type TarItem } from "../../harness/archives.ts";

const headerOf = (item: TarItem) =>
  parseTarHeader(tarBody([item]).subarray(0, 512));
const recordsOf = (...records: readonly (readonly [string, string])[]) =>
  parsePaxRecords(Buffer.from(String(pax(records).data)));

describe("a header", () => {
  test("has the fields that were written", () => {
    expect(
      headerOf({
        name: "a/b",
        type: "2",
        link: "c",
        mode: 0o7755,
        uid: 7,
        gid: 8,
        mtime: 9,
      }),
    ).toEqual({
      name: "a/b" as Bytes,
      type: "2",
      mode: 0o7755,
      uid: 7,
      gid: 8,
      size: 0,
      modified: { seconds: 9, nanoseconds: 0 },
      link: "c" as Bytes,
      device: { major: 0, minor: 0 },
    });
  });

  test("has the prefix before its name, but not in GNU's form", () => {
    const prefix = Buffer.from("deep");
    expect(headerOf({ name: "a", patch: [345, prefix] }).name).toBe(
      "deep/a" as Bytes,
    );
    const gnu = Buffer.concat([
      Buffer.from("ustar  \0"),
      Buffer.alloc(80),
      prefix,
    ]);
    expect(headerOf({ name: "a", patch: [257, gnu] }).name).toBe("a" as Bytes);
  });

  test("takes numbers of 95 bits where they fit, and a time before 1970", () => {
    const size = (...bytes: number[]) =>
      new Uint8Array([
        0x80,
        ...Array<number>(11 - bytes.length).fill(0),
        ...bytes,
      ]);
    expect(headerOf({ name: "a", size: size(2, 0, 0, 0, 0) }).size).toBe(
      2 ** 33,
    );
    const before = Buffer.alloc(12, 0xff);
    expect(headerOf({ name: "a", patch: [136, before] }).modified.seconds).toBe(
      -1,
    );
    expect(() =>
      headerOf({ name: "a", size: size(1, 0, 0, 0, 0, 0, 0, 0) }),
    ).toThrow("a size in the archive is not a number");
    expect(() => headerOf({ name: "a", size: Buffer.alloc(12, 0xff) })).toThrow(
      "negative",
    );
  });

  test("is refused for one wrong bit anywhere", () => {
    const good = tarBody([{ name: "name", data: "x" }]).subarray(0, 512);
    for (let at = 0; at < 512; at++) {
      if (at >= 148 && at < 156) continue;
      const bad = Buffer.from(good);
      bad[at]! ^= 4;
      expect(() => parseTarHeader(bad)).toThrow(
        /^Cannot import: (a header in the archive has a wrong checksum|it is no tar archive, or a damaged one)$/,
      );
    }
    expect(isZero(good)).toBe(false);
    expect(isZero(Buffer.alloc(512))).toBe(true);
  });
});

describe("PAX records", () => {
  test("change the header, the last of a key counts", () => {
    const records = recordsOf(
      ["path", "old"],
      ["path", "new = 1"],
      ["linkpath", "l"],
      ["uid", "70000"],
      ["mtime", "12.5"],
    );
    expect(applyPaxRecords(headerOf({ name: "a" }), records)).toMatchObject({
      name: "new = 1",
      link: "l",
      uid: 70_000,
      modified: { seconds: 12, nanoseconds: 500_000_000 },
    });
  });

  test("times before 1970 have nanoseconds that count upwards", () => {
    const timeOf = (mtime: string) =>
      applyPaxRecords(headerOf({ name: "a" }), recordsOf(["mtime", mtime]))
        .modified;
    expect(timeOf("-1")).toEqual({ seconds: -1, nanoseconds: 0 });
    expect(timeOf("-1.25")).toEqual({ seconds: -2, nanoseconds: 750_000_000 });
    expect(timeOf("1.1234567899")).toEqual({
      seconds: 1,
      nanoseconds: 123_456_789,
    });
    for (const bad of ["", "x", "1e9", "9".repeat(13)])
      expect(() => timeOf(bad)).toThrow(
        "a time in an extended header is garbled",
      );
  });

  test("hold attributes, with any bytes in their values", () => {
    expect(
      paxAttributes(
        recordsOf(["SCHILY.xattr.user.a", "b\n=c"], ["comment", "x"]),
      ),
    ).toEqual([{ name: "user.a" as Bytes, value: "b\n=c" as Bytes }]);
  });

  test("hold maps of sparse files in three formats", () => {
    const segments = [
      { offset: 1, size: 2 },
      { offset: 5, size: 1 },
    ];
    const numbers = [
      ["GNU.sparse.offset", "1"],
      ["GNU.sparse.numbytes", "2"],
      ["GNU.sparse.offset", "5"],
      ["GNU.sparse.numbytes", "1"],
    ] as const;
    expect(paxSparse(recordsOf(["GNU.sparse.size", "9"], ...numbers))).toEqual({
      size: 9,
      segments,
    });
    expect(
      paxSparse(
        recordsOf(["GNU.sparse.size", "9"], ["GNU.sparse.map", "1,2,5,1"]),
      ),
    ).toEqual({ size: 9, segments });
    expect(
      paxSparse(
        recordsOf(
          ["GNU.sparse.major", "1"],
          ["GNU.sparse.minor", "0"],
          ["GNU.sparse.realsize", "9"],
        ),
      ),
    ).toEqual({ size: 9, segments: null });
    expect(() =>
      paxSparse(
        recordsOf(
          ["GNU.sparse.major", "2"],
          ["GNU.sparse.minor", "0"],
          ["GNU.sparse.realsize", "9"],
        ),
      ),
    ).toThrow("format 2.0");
    expect(paxSparse(recordsOf(["path", "x"]))).toBeNull();
  });

  test("that are garbled are refused", () => {
    for (const bad of [
      "x",
      "5 a=b",
      "99 a=b\n",
      "6 a=bc\n",
      "7 abcd\n",
      "-6 a=b\n",
      "06x a=b\n",
    ])
      expect(() => parsePaxRecords(Buffer.from(bad))).toThrow(
        "an extended header in the archive is garbled",
      );
  });
});

test("a sparse map must be in order, within its size, and of what is stored", () => {
  const fine = [
    { offset: 0, size: 5 },
    { offset: 7, size: 5 },
  ];
  checkSegments(fine, { stored: 10, size: 12 });
  checkSegments([], { stored: 0, size: 100 });
  for (const [segments, stored, size] of [
    [fine, 10, 11],
    [fine, 9, 12],
    [[fine[1]!, fine[0]!], 10, 12],
    [[{ offset: 0, size: -1 }], -1, 12],
    [fine, 10, 2 ** 51],
  ] as const)
    expect(() => checkSegments(segments, { stored, size })).toThrow(
      /sparse file/,
    );
  expect(parseSparseBlock(Buffer.alloc(512), "continued")).toEqual({
    segments: [],
    more: false,
    size: 0,
  });
});
