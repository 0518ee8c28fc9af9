/**
 * Kernel structs as layouts: where each field lies and how long it is. The
 * layouts (structs.ts) are checked against the C compiler by check-abi.ts.
 */

export interface IntegerField {
  readonly kind: "integer";
  /** Bytes from the start of the struct. */
  readonly offset: number;
  readonly size: 1 | 2 | 4 | 8;
}

/** A field that is no number: text, an array, a struct within the struct. */
export interface BytesField {
  readonly kind: "bytes";
  readonly offset: number;
  readonly size: number;
}

export type Fields = Readonly<Record<string, IntegerField | BytesField>>;

export interface Layout<F extends Fields = Fields> {
  /** Bytes. */
  readonly size: number;
  readonly fields: F;
}

/** The values of a struct's fields; what is missing is zero. */
export type Values<F extends Fields> = {
  readonly [N in keyof F]?: F[N] extends BytesField
    ? Uint8Array
    : number | bigint;
};

type Integer = (offset: number) => IntegerField;
export const u8: Integer = (offset) => ({ kind: "integer", offset, size: 1 });
export const u16: Integer = (offset) => ({ kind: "integer", offset, size: 2 });
export const u32: Integer = (offset) => ({ kind: "integer", offset, size: 4 });
export const u64: Integer = (offset) => ({ kind: "integer", offset, size: 8 });

export function bytes(offset: number, size: number): BytesField {
  return { kind: "bytes", offset, size };
}

export function layout<F extends Fields>(size: number, fields: F): Layout<F> {
  return { size, fields };
}

/**
 * A struct of 64-bit words, one behind the other. Every start makes some, so
 * there is no call for each: JavaScript that is called often is compiled, by
 * threads that must be started for it.
 */
export function words<N extends string>(
  names: readonly N[],
): Layout<Readonly<Record<N, IntegerField>>> {
  const fields = {} as Record<N, IntegerField>;
  let size = 0;
  for (const name of names) {
    fields[name] = { kind: "integer", offset: size, size: 8 };
    size += 8;
  }
  return { size, fields };
}

export function sizeOf(struct: Layout): number {
  return struct.size;
}

export function offsetOf<F extends Fields>(
  struct: Layout<F>,
  field: keyof F & string,
): number {
  return fieldOf(struct, field).offset;
}

/**
 * The struct in memory, little endian. A signed field takes negative numbers.
 * Throws a RangeError for a value that does not fit its field.
 */
export function encodeStruct<F extends Fields>(
  struct: Layout<F>,
  values: Values<NoInfer<F>>,
): Uint8Array {
  const memory = new Uint8Array(struct.size);
  for (const [name, value] of Object.entries<
    Uint8Array | number | bigint | undefined
  >(values)) {
    if (value === undefined) continue;
    const field = fieldOf(struct, name);
    const encoded =
      typeof value === "object" ? value : encodeInteger(value, field.size);
    if (encoded === null || encoded.length > field.size) {
      throw new RangeError(
        `Cannot encode field "${name}": its value does not fit ${field.size} bytes`,
      );
    }
    memory.set(encoded, field.offset);
  }
  return memory;
}

function fieldOf(struct: Layout, name: string): IntegerField | BytesField {
  const field = struct.fields[name];
  if (field === undefined)
    throw new RangeError(
      `Cannot find field "${name}": the struct has none of that name`,
    );
  return field;
}

/** Null if the value has more bits than the field. */
function encodeInteger(
  value: number | bigint,
  size: number,
): Uint8Array | null {
  const bits = size * 8;
  if (
    typeof value === "number" &&
    Number.isInteger(value) &&
    value >= 0 &&
    value < 2 ** Math.min(bits, 53)
  )
    return encodeSmall(value, size);
  const whole = BigInt(value);
  if (whole >= 1n << BigInt(bits) || whole < -(1n << BigInt(bits - 1)))
    return null;
  const encoded = new Uint8Array(8);
  new DataView(encoded.buffer).setBigUint64(0, BigInt.asUintN(64, whole), true);
  return encoded.subarray(0, size);
}

/** The common case, without the cost of big integers. */
function encodeSmall(value: number, size: number): Uint8Array {
  const encoded = new Uint8Array(size);
  let rest = value;
  for (let at = 0; rest > 0; at++) {
    encoded[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return encoded;
}
