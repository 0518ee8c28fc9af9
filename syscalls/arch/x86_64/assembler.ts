/**
 * A small x86-64 assembler: just the instructions that the player and the ELF
 * entry are made of, by name, with labels. A jump takes the short form where
 * its label is near. Source: Intel SDM volume 2; encodings are checked against a disassembler by
 * test/unit/syscalls/player.test.ts.
 */

import {
  highBits,
  isSignedByte,
  memoryForm,
  numberForm,
  prefix,
  WIDE,
} from "./forms.ts";
import { moved, nearJumps, shorten } from "./jumps.ts";
import type { Jump } from "./jumps.ts";
import {
  ARITHMETIC,
  CONDITIONS,
  LOAD,
  REGISTERS,
  SHIFT,
  STORE,
} from "./opcodes.table.ts";
import type { Condition, Register, Width } from "./opcodes.table.ts";

export type { Condition, Register, Width } from "./opcodes.table.ts";

/** Writes instructions one after another; `finish` resolves the labels. */
export class Assembler {
  readonly #code: number[] = [];
  readonly #labels = new Map<string, number>();
  readonly #fixups: { at: number; label: string; from: number | null }[] = [];
  readonly #jumps: Jump[] = [];

  /** Names this place. */
  label(name: string): void {
    if (this.#labels.has(name))
      throw new RangeError(`label ${name} is defined twice`);
    this.#labels.set(name, this.#code.length);
  }

  move(to: Register, from: Register): void {
    this.#registers(0x89, to, from);
  }
  /** The whole 64 bits; where the upper 32 are zero, the short form makes them so. */
  moveImmediate(to: Register, value: bigint): void {
    const r = REGISTERS.indexOf(to);
    const short = value >> 32n === 0n;
    this.#emit(...prefix((short ? 0 : WIDE) | (r >> 3)), 0xb8 | (r & 7));
    for (let i = 0n; i < (short ? 32n : 64n); i += 8n)
      this.#emit(Number((value >> i) & 0xffn));
  }
  /** `to = [base + offset]`, zero-extended. */
  load(to: Register, base: Register, offset: number, width: Width = 8): void {
    const [r, b] = [REGISTERS.indexOf(to), REGISTERS.indexOf(base)];
    const bits = (width === 8 ? WIDE : 0) | highBits(r, b);
    this.#emit(...prefix(bits), ...LOAD[width], ...memoryForm(r, b, offset));
  }
  /** `[base + offset] = from`, the low `width` bytes. */
  store(
    base: Register,
    offset: number,
    from: Register,
    width: Width = 8,
  ): void {
    const [r, b] = [REGISTERS.indexOf(from), REGISTERS.indexOf(base)];
    const bits = (width === 8 ? WIDE : 0) | highBits(r, b);
    if (width === 2) this.#emit(0x66);
    // Without a prefix the bytes 4 to 7 are those of other registers.
    this.#emit(...(width === 1 ? [0x40 | bits] : prefix(bits)));
    this.#emit(STORE[width], ...memoryForm(r, b, offset));
  }
  /** `to = to OP from`; compare and test only set the flags. */
  arithmetic(
    operation: keyof typeof ARITHMETIC,
    to: Register,
    from: Register,
  ): void {
    this.#registers(ARITHMETIC[operation], to, from);
  }
  addImmediate(to: Register, value: number): void {
    this.#immediate(0, to, value);
  }
  orImmediate(to: Register, value: number): void {
    this.#immediate(1, to, value);
  }
  andImmediate(to: Register, value: number): void {
    this.#immediate(4, to, value);
  }
  /** Compares with a sign-extended 32-bit number. */
  compareImmediate(to: Register, value: number): void {
    this.#immediate(7, to, value);
  }
  /** `to` shifted by the count in cl. */
  shift(direction: keyof typeof SHIFT, to: Register): void {
    const r = REGISTERS.indexOf(to);
    this.#emit(0x48 | (r >> 3), 0xd3, 0xc0 | (SHIFT[direction] << 3) | (r & 7));
  }
  /** `to` shifted by so many bits. */
  shiftImmediate(
    direction: keyof typeof SHIFT,
    to: Register,
    count: number,
  ): void {
    this.#bits(SHIFT[direction], to, count);
  }
  /** `to` shifted to the left by the count in cl; the high bits of `from` come in. */
  shiftIn(to: Register, from: Register): void {
    this.#registersAfter(0xa5, to, from);
  }
  /** The bytes of a register in the other order. */
  swapBytes(register: Register): void {
    const r = REGISTERS.indexOf(register);
    this.#emit(0x48 | (r >> 3), 0x0f, 0xc8 | (r & 7));
  }
  /** `to` rotated to the left by so many bits. */
  rotateLeft(to: Register, count: number): void {
    this.#bits(0, to, count);
  }
  /** `to = to * from`, the low 64 bits. */
  multiply(to: Register, from: Register): void {
    this.#registersAfter(0xaf, from, to);
  }
  /** The carry flag becomes the given bit of the register. */
  testBit(register: Register, bit: number): void {
    const r = REGISTERS.indexOf(register);
    this.#emit(0x48 | (r >> 3), 0x0f, 0xba, 0xe0 | (r & 7), bit);
  }
  clear(register: Register): void {
    this.#registers(ARITHMETIC.xor, register, register);
  }
  push(register: Register): void {
    this.#pushPop(0x50, register);
  }
  pop(register: Register): void {
    this.#pushPop(0x58, register);
  }
  jump(label: string): void {
    this.#jump(label, { short: 0xeb, long: [0xe9] });
  }
  jumpIf(condition: Condition, label: string): void {
    const code = CONDITIONS[condition];
    this.#jump(label, { short: 0x70 | code, long: [0x0f, 0x80 | code] });
  }
  jumpTo(register: Register): void {
    const r = REGISTERS.indexOf(register);
    this.#emit(...prefix(r >> 3), 0xff, 0xe0 | (r & 7));
  }
  call(label: string): void {
    this.#emit(0xe8);
    this.#relative(label);
  }
  /** `to = address of label`, relative to the instruction pointer. */
  addressOf(to: Register, label: string): void {
    const r = REGISTERS.indexOf(to);
    this.#emit(0x48 | ((r >> 3) << 2), 0x8d, 0x05 | ((r & 7) << 3));
    this.#relative(label);
  }
  /** `to = sign-extended 32 bits at [base + 4 * index]`; neither may be rsp, rbp or above r7 as base. */
  loadTableEntry(to: Register, base: Register, index: Register): void {
    const [t, b] = [REGISTERS.indexOf(to), REGISTERS.indexOf(base)];
    const i = REGISTERS.indexOf(index);
    this.#emit(
      0x48 | ((t >> 3) << 2) | ((i >> 3) << 1) | (b >> 3),
      0x63,
      0x04 | ((t & 7) << 3),
    );
    this.#emit(0x80 | ((i & 7) << 3) | (b & 7));
  }
  return(): void {
    this.#emit(0xc3);
  }
  /** Clobbers rcx and r11; the result is in rax. */
  systemCall(): void {
    this.#emit(0x0f, 0x05);
  }
  /** Copies rcx bytes from [rsi] to [rdi]. */
  copyBytes(): void {
    this.#emit(0xf3, 0xa4);
  }
  /** Writes the two bytes of ax rcx times from [rdi] on. */
  fillWords(): void {
    this.#emit(0xf3, 0x66, 0xab);
  }
  /** Advances rdi past the first byte equal to al, at most rcx bytes; flags tell whether it was found. */
  scanBytes(): void {
    this.#emit(0xf2, 0xae);
  }
  /** A 32-bit distance from the label `from` to the label `to`: an entry of a jump table. */
  distance(from: string, to: string): void {
    const origin = this.#labels.get(from);
    if (origin === undefined)
      throw new RangeError(`table ${from} must come first`);
    this.#fixups.push({ at: this.#code.length, label: to, from: origin });
    this.#emit(0, 0, 0, 0);
  }

  /** Bytes that are no instructions. */
  data(bytes: Uint8Array): void {
    this.#emit(...bytes);
  }

  /** The finished code. Throws RangeError for a label that was never placed. */
  finish(): Uint8Array {
    const place = (label: string) => this.#place(label);
    const near = nearJumps(this.#jumps, place);
    const code = Uint8Array.from(this.#code);
    const view = new DataView(code.buffer);
    for (const { at, label, from } of this.#fixups) {
      const distance = moved(place(label), near) - moved(from ?? at + 4, near);
      view.setInt32(at, distance, true);
    }
    return shorten(code, near, place);
  }

  #place(label: string): number {
    const place = this.#labels.get(label);
    if (place === undefined) throw new RangeError(`label ${label} is nowhere`);
    return place;
  }
  #jump(
    label: string,
    { short, long }: { short: number; long: readonly number[] },
  ): void {
    const at = this.#code.length;
    this.#emit(...long);
    this.#relative(label);
    this.#jumps.push({ at, size: long.length + 4, label, short });
  }
  #emit(...bytes: number[]): void {
    this.#code.push(...bytes);
  }
  #relative(label: string): void {
    this.#fixups.push({ at: this.#code.length, label, from: null });
    this.#emit(0, 0, 0, 0);
  }
  #registers(opcode: number, to: Register, from: Register): void {
    const [t, f] = [REGISTERS.indexOf(to), REGISTERS.indexOf(from)];
    this.#emit(
      0x48 | ((f >> 3) << 2) | (t >> 3),
      opcode,
      0xc0 | ((f & 7) << 3) | (t & 7),
    );
  }
  /** The same with the opcode's byte behind 0x0f. */
  #registersAfter(opcode: number, to: Register, from: Register): void {
    const [t, f] = [REGISTERS.indexOf(to), REGISTERS.indexOf(from)];
    this.#emit(
      0x48 | ((f >> 3) << 2) | (t >> 3),
      0x0f,
      opcode,
      0xc0 | ((f & 7) << 3) | (t & 7),
    );
  }
  #immediate(extension: number, to: Register, value: number): void {
    const r = REGISTERS.indexOf(to);
    const short = isSignedByte(value);
    this.#emit(
      0x48 | (r >> 3),
      short ? 0x83 : 0x81,
      0xc0 | (extension << 3) | (r & 7),
      ...numberForm(value, short),
    );
  }
  #bits(extension: number, to: Register, count: number): void {
    const r = REGISTERS.indexOf(to);
    this.#emit(0x48 | (r >> 3), 0xc1, 0xc0 | (extension << 3) | (r & 7), count);
  }
  #pushPop(opcode: number, register: Register): void {
    const r = REGISTERS.indexOf(register);
    this.#emit(...prefix(r >> 3), opcode | (r & 7));
  }
}
