/**
 * What is packed is unpacked to the same bytes, by the machine code itself. A
 * file that is damaged says so and plays nothing; nor does one whose tokens or
 * sections lead out of their bounds, though the checksum be right.
 */

import { describe, expect, test } from "bun:test";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { bakeRecipe } from "../../../src/commands/baked.ts";
import { STATE_ADDRESS } from "../../../src/stage0/handover.ts";
import {
  IMAGE_ADDRESS,
  KNOWN,
  streamsOf,
  writeFile,
  writePackedFile,
} from "../../../src/stage0/baked/packed-file.ts";
import { SYSCALL } from "../../../syscalls/arch/x86_64/numbers.table.ts";
import { parseExecutable } from "../../../syscalls/elf.ts";
import { compress } from "../../../syscalls/pack/compress.ts";
import { SYMBOL } from "../../../syscalls/pack/tokens.ts";
import type { Compressed } from "../../../syscalls/pack/compress.ts";
import { ROWS_SIZE, SECTION, SHAPE_SIZE } from "../../../syscalls/pack/form.ts";
import { pack } from "../../../syscalls/pack/pack.ts";
import type { Packed } from "../../../syscalls/pack/pack.ts";
import { describeCode } from "../../../syscalls/pack/prefix-code.ts";
import { FLAG_CONTINUE, RECORD, STATE } from "../../../syscalls/record.ts";
import { makeRoom } from "../../harness/room.ts";
import { requestOf } from "../plan/samples.ts";

const seed = Number(process.env["SELFDOCK_SEED"] ?? Date.now() % 2 ** 31);
console.log(`SELFDOCK_SEED=${seed}`);

const file = join(makeRoom(), "packed");
const NOTE = new Uint8Array(8);
const ENDED = 42;
const DAMAGED = {
  status: 124,
  stderr:
    "selfdock: Cannot start: this file is damaged\nselfdock: hint: bake it again\n",
};

const { content, places } = bakeRecipe(
  { request: requestOf(), owner: null, subordinate: null },
  null,
);

/** A file of many records, all unpacked at once, that writes what it was unpacked to and ends. */
function dumper(records: readonly Uint8Array[] = []) {
  const bytes = Uint8Array.from(content.bytes);
  records.forEach((record, index) => bytes.set(record, index * RECORD.size));
  const calls = [
    [SYSCALL.write, 1, IMAGE_ADDRESS, bytes.length],
    [SYSCALL.exit_group, ENDED],
  ] as const;
  calls.forEach(([operation, ...operands], index) => {
    const record = new DataView(new ArrayBuffer(RECORD.size));
    record.setUint32(RECORD.operation, operation, true);
    record.setUint32(RECORD.flags, 1 << FLAG_CONTINUE, true);
    operands.forEach((operand, argument) =>
      record.setBigUint64(
        RECORD.argument + 8 * argument,
        BigInt(operand),
        true,
      ),
    );
    const nowhere = BigInt(STATE_ADDRESS + STATE.size);
    record.setBigUint64(RECORD.result, nowhere, true);
    const at = places.spans.frame.at + index * RECORD.size;
    bytes.set(new Uint8Array(record.buffer), at);
  });
  const { spans } = places;
  const rest = { ...spans.rest, late: false };
  return {
    content: { ...content, bytes },
    places: {
      spans: { ...spans, rest },
      lateBytes: { at: bytes.length, end: bytes.length },
    },
  };
}

function start(bytes: Uint8Array) {
  writeFileSync(file, bytes);
  chmodSync(file, 0o755);
  const { exitCode, stdout, stderr } = Bun.spawnSync([file]);
  return { status: exitCode, stdout, stderr: stderr.toString() };
}

const whole = dumper();
const { spans, lateBytes } = whole.places;
const packed = pack(whole.content.bytes, {
  spans: Object.values(spans),
  lateBytes,
});
const compressed = compress(streamsOf(packed), KNOWN);
const bytes = writePackedFile(whole.content, whole.places, NOTE);

/** A file with a right checksum. */
function made(change: { packed?: Packed; compressed?: Compressed }) {
  const words = change.packed ?? packed;
  return writeFile(whole.content, spans.rest.address, {
    packed: words,
    compressed: change.compressed ?? compress(streamsOf(words), KNOWN),
    note: NOTE,
  });
}

/** The first part with its sections from `at` on changed. */
function changedPart(at: number, change: (sections: Buffer) => void) {
  const sections = Buffer.from(packed.soon.sections);
  change(sections.subarray(at));
  return made({ packed: { ...packed, soon: { ...packed.soon, sections } } });
}

const FIRST_SECTION = packed.shapes * SHAPE_SIZE;

/** The packed bytes with the head of the first section changed. */
function changedSection(field: keyof typeof SECTION, value: number) {
  return changedPart(FIRST_SECTION, (section) =>
    section.writeUInt32LE(value, SECTION[field]),
  );
}

/** Other descriptions of the codes, or other tokens of the first stream. */
function changedTokens({
  symbols = compressed.codes[0]!,
  distances = compressed.codes[2]!,
  first = compressed.tokens[0]!,
}: {
  symbols?: Uint8Array;
  distances?: Uint8Array;
  first?: Uint8Array;
}) {
  const [, bytesCode] = compressed.codes;
  return made({
    compressed: {
      codes: [symbols, bytesCode!, distances],
      tokens: [first, ...compressed.tokens.slice(1)],
    },
  });
}

/** Two symbols of one bit: new bytes of 0, or as long copies as there are. */
const SHORT_OR_LONG = describeCode(
  Array.from({ length: SYMBOL.copy + SYMBOL.lengths }, (_, symbol) =>
    symbol === 0 || symbol === SYMBOL.copy + SYMBOL.lengths - 1 ? 1 : 0,
  ),
);

describe("a packed file", () => {
  test("is unpacked to what was packed", () => {
    const { status, stdout, stderr } = start(bytes);
    expect({ status, stderr }).toEqual({ status: ENDED, stderr: "" });
    expect(stdout.equals(whole.content.bytes)).toBe(true);
  });

  test("whatever is in its records", () => {
    const word = fc.oneof(
      fc.constantFrom(0n, 1n, 0xbfn, 0xc0n, 0x37ffn, 0x3800n, 2n ** 63n),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc
        .bigInt({ min: -300n, max: 300n })
        .map((near) => BigInt(IMAGE_ADDRESS) + near * 8n),
      fc.nat(2 ** 14).map((near) => BigInt(STATE_ADDRESS + near)),
    );
    const record = fc
      .array(word, { minLength: 9, maxLength: 9 })
      .map((words) => new Uint8Array(BigUint64Array.from(words).buffer));
    fc.assert(
      fc.property(fc.array(record, { maxLength: 300 }), (records) => {
        const random = dumper(records);
        const { status, stdout } = start(
          writePackedFile(random.content, random.places, NOTE),
        );
        expect(status).toBe(ENDED);
        expect(stdout.equals(random.content.bytes)).toBe(true);
      }),
      { seed, numRuns: Number(process.env["SELFDOCK_RUNS"] ?? 10) },
    );
  }, 60_000);

  test("plays nothing and says so with any bit of it changed, or cut", () => {
    const { headers } = parseExecutable(bytes);
    const end = headers[0]!.fileSize;
    const first =
      end -
      16 -
      Buffer.concat([...compressed.codes, ...compressed.tokens]).length;
    const stride = Math.ceil((end - 8 - first) / 60);
    for (let at = first; at < end - 8; at += stride) {
      const changed = Uint8Array.from(bytes);
      changed[at]! ^= 1 << (at % 8);
      expect(start(changed)).toMatchObject(DAMAGED);
      expect(start(bytes.subarray(0, at))).toMatchObject(DAMAGED);
    }
  }, 60_000);
});

const REFUSED: Readonly<Record<string, Uint8Array>> = {
  // The last distance is 0 at first, then what 15 of 16 ones say.
  "a copy from before the first byte": changedTokens({
    symbols: SHORT_OR_LONG,
    distances: describeCode(
      Array.from({ length: SYMBOL.distances }, (_, symbol) =>
        symbol === 0 || symbol === SYMBOL.distances - 1 ? 1 : 0,
      ),
    ),
    first: new Uint8Array(1000).fill(0xff),
  }),
  "copies beyond the room": changedTokens({
    symbols: SHORT_OR_LONG,
    distances: describeCode([0, 1, 1]),
    first: new Uint8Array(1000).fill(0xfe),
  }),
  "fewer bytes than there should be": made({
    compressed: {
      codes: compressed.codes,
      tokens: compressed.tokens.map(() => new Uint8Array(0)),
    },
  }),
  "a code of fewer symbols than there is room for": changedTokens({
    symbols: describeCode([2, 2, 2]),
  }),
  "a code of more symbols than there is room for": changedTokens({
    distances: describeCode([1, 1, 1]),
  }),
  "more records than there is room for": changedSection("records", 2 ** 32 - 1),
  "more bytes than there is room for": changedSection("bytes", 2 ** 32 - 1),
  "more bytes of a section than are left": made({
    packed: { ...packed, soon: { ...packed.soon, bytes: new Uint8Array(0) } },
  }),
  "records behind the image": changedSection("at", 2 ** 32 - 8),
  "a shape that there is not": changedPart(
    FIRST_SECTION + SECTION.rows + ROWS_SIZE,
    (records) => records.fill(0xbf, 0, 200),
  ),
};

describe("a packed file is refused, though its checksum is right, for", () => {
  for (const [name, refused] of Object.entries(REFUSED))
    test(name, () => expect(start(refused)).toMatchObject(DAMAGED));
});
