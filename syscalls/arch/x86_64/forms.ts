/** How instructions tell registers, numbers and places in memory: in the shortest form. Registers by their number. */

/** A bit of the prefix: the operation is of 64 bits. */
export const WIDE = 8;

/** Whether a number takes the short form of an offset, a distance or an immediate. */
export function isSignedByte(value: number): boolean {
  return value >= -128 && value <= 127;
}

/** The prefix with these bits; none where it would say nothing. */
export function prefix(bits: number): readonly number[] {
  return bits === 0 ? [] : [0x40 | bits];
}

/** The bits of the prefix for a register and a base, or another register. */
export function highBits(register: number, base: number): number {
  return ((register >> 3) << 2) | (base >> 3);
}

/** A number as a signed byte, or in four bytes. */
export function numberForm(value: number, short: boolean): readonly number[] {
  const bytes = [value, value >> 8, value >> 16, value >> 24];
  return bytes.slice(0, short ? 1 : 4).map((byte) => byte & 0xff);
}

/** A register, and `[base + offset]`. */
export function memoryForm(
  register: number,
  base: number,
  offset: number,
): readonly number[] {
  // rbp and r13 as a base have no form without an offset.
  const none = offset === 0 && (base & 7) !== 5;
  const short = isSignedByte(offset);
  const mode = none ? 0 : short ? 0x40 : 0x80;
  return [
    mode | ((register & 7) << 3) | (base & 7),
    ...((base & 7) === 4 ? [0x24] : []), // rsp and r12 as a base take one more byte
    ...(none ? [] : numberForm(offset, short)),
  ];
}
