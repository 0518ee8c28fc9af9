/**
 * Families of kernel flags. Each family has a type of its own, so that a mount
 * attribute cannot stand where a clone flag belongs, and knows its names, so
 * that a Program prints them.
 */

declare const family: unique symbol;

/** A set of flags of the family `F`: an unsigned number of up to 53 bits. */
export type Flags<F extends string> = number & { readonly [family]?: F };

/** The flags of one family by their kernel names minus the prefix. */
export type Family<F extends string, N extends string> = {
  readonly [K in N]: Flags<F>;
};

const families = new Map<string, Readonly<Record<string, number>>>();

/** Declares a family: `flags("MS", { RDONLY: 1 })` gives `MS.RDONLY`. */
export function flags<F extends string, N extends string>(
  prefix: F,
  values: Readonly<Record<N, number>>,
): Family<F, N> {
  families.set(prefix, values);
  return Object.freeze(values) as Family<F, N>;
}

/** Made only where a Program is printed: every start declares families. */
function namesOf(prefix: string): ReadonlyMap<number, string> {
  const values = Object.entries(families.get(prefix) ?? {});
  return new Map(values.map(([name, value]) => [value, name]));
}

/** The union of flags of one family. */
export function union<F extends string>(
  ...parts: readonly Flags<F>[]
): Flags<F> {
  let low = 0;
  let high = 0;
  for (const part of parts) {
    low |= part;
    high |= part / 2 ** 32;
  }
  return high * 2 ** 32 + (low >>> 0);
}

/** The flags for a person to read: `CLONE_NEWNS|CLONE_NEWPID`, `0`, or the rest in hex. */
export function describeFlags<F extends string>(
  prefix: F,
  value: Flags<F>,
): string {
  const names = namesOf(prefix);
  if (value === 0) return names.has(0) ? `${prefix}_${names.get(0)}` : "0";
  let rest = BigInt(value);
  const words: string[] = [];
  for (const [bit, name] of names) {
    if (bit === 0 || (rest & BigInt(bit)) !== BigInt(bit)) continue;
    words.push(`${prefix}_${name}`);
    rest &= ~BigInt(bit);
  }
  if (rest !== 0n) words.push(`0x${rest.toString(16)}`);
  return words.join("|");
}
