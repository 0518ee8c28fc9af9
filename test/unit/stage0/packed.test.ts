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
  writeFile,
  writePackedFile,
} from "../../../src/stage0/baked/packed-file.ts";
import { SYSCALL } from "../../../syscalls/arch/x86_64/numbers.table.ts";
import { parseExecutable } from "../../../syscalls/elf.ts";
import { compress } from "../../../syscalls/pack/compress.ts";
import {
  SECTION,
  SECTION_SIZE,
  SHAPE_SIZE,
} from "../../../syscalls/pack/form.ts";
import { pack } from "../../../syscalls/pack/pack.ts";
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

const { content, spans } = bakeRecipe(
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
    const at = spans.frame.at + index * RECORD.size;
    bytes.set(new Uint8Array(record.buffer), at);
  });
  const rest = { ...spans.rest, late: false };
  return { content: { ...content, bytes }, spans: { ...spans, rest } };
}

function start(bytes: Uint8Array) {
  writeFileSync(file, bytes);
  chmodSync(file, 0o755);
  const { exitCode, stdout, stderr } = Bun.spawnSync([file]);
  return { status: exitCode, stdout, stderr: stderr.toString() };
}

const whole = dumper();
const packed = pack(whole.content.bytes, Object.values(whole.spans));
const tokens = compress(packed.bytes);
const bytes = writePackedFile(whole.content, whole.spans, NOTE);

/** A file with a right checksum. */
function made(change: Partial<{ packed: Uint8Array; tokens: Uint8Array }>) {
  const words = { ...packed, bytes: change.packed ?? packed.bytes };
  return writeFile(whole.content, whole.spans.rest.address, {
    packed: words,
    tokens: change.tokens ?? compress(words.bytes),
    note: NOTE,
  });
}

/** The packed bytes with the head of the first section changed. */
function changedSection(field: keyof typeof SECTION, value: number) {
  const changed = Buffer.from(packed.bytes);
  changed.writeUInt32LE(value, packed.shapes * SHAPE_SIZE + SECTION[field]);
  return made({ packed: changed });
}

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
          writePackedFile(random.content, random.spans, NOTE),
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
    const first = end - 16 - tokens.length;
    const stride = Math.ceil((end - 8 - first) / 60);
    for (let at = first; at < end - 8; at += stride) {
      const changed = Uint8Array.from(bytes);
      changed[at]! ^= 1 << (at % 8);
      expect(start(changed)).toMatchObject(DAMAGED);
      expect(start(bytes.subarray(0, at))).toMatchObject(DAMAGED);
    }
  }, 60_000);
});

const NO_BYTES = new Uint8Array(0);
const REFUSED: Readonly<Record<string, Uint8Array>> = {
  "a copy from before the first byte": made({
    tokens: Buffer.concat([Buffer.from([0x80, 0xff]), tokens]),
  }),
  "more bytes than there is room for": made({
    tokens: Buffer.concat([tokens, Buffer.from([0, 0])]),
  }),
  "a copy beyond the room": made({
    tokens: Buffer.concat([tokens, Buffer.from([0xbf, 1])]),
  }),
  "fewer bytes than there should be": made({ tokens: NO_BYTES }),
  "a run beyond the last token": made({ tokens: Uint8Array.of(0x7f) }),
  "more records than there is room for": changedSection("records", 2 ** 32 - 1),
  "more bytes of a section than there is room for": changedSection(
    "bytes",
    2 ** 32 - 1,
  ),
  "more bytes of a section than are left": changedSection("bytes", 120_000),
  "records behind the image": changedSection("at", 2 ** 32 - 8),
  "a shape that there is not": made({
    packed: Buffer.from(packed.bytes).fill(
      0xbf,
      packed.shapes * SHAPE_SIZE + SECTION_SIZE,
      packed.shapes * SHAPE_SIZE + SECTION_SIZE + 200,
    ),
  }),
};

describe("a packed file is refused, though its checksum is right, for", () => {
  for (const [name, refused] of Object.entries(REFUSED))
    test(name, () => expect(start(refused)).toMatchObject(DAMAGED));
});
