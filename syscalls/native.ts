/**
 * The one file that reaches outside of the JavaScript heap: memory by its
 * address, and calls of machine code. Bun.FFI is what the module bun:ffi is made
 * of; to import that one takes 0.4 ms of each start (Bun 1.4.5).
 */

/** As bun:ffi has them, with its numbers for types. */
interface Native {
  toArrayBuffer(address: number, offset: number, size: number): ArrayBuffer;
  ptr(view: Uint8Array | BigUint64Array): number;
  linkSymbols(symbols: Readonly<Record<string, Signature>>): Linked | Error;
  dlopen(
    library: string,
    symbols: Readonly<Record<string, Signature>>,
  ): Linked | Error;
}

interface Signature {
  readonly ptr?: number;
  readonly args: readonly number[];
  readonly returns: number;
}

type Call = (...values: readonly (number | bigint)[]) => number | bigint;

interface Linked {
  readonly symbols: Readonly<Record<string, Call>>;
}

/** FFIType */
export const TYPE = { i32: 5, u32: 6, i64: 7, u64: 8 } as const;

const native = (Bun as unknown as { readonly FFI: Native }).FFI;

/** Bytes of this process's own memory, in place. */
export function memoryAt(address: number, size: number): Uint8Array {
  return new Uint8Array(native.toArrayBuffer(address, 0, size));
}

/** Where the bytes are, for as long as the view lives. */
export function addressOfView(view: Uint8Array | BigUint64Array): number {
  return native.ptr(view);
}

/** The player at an address: performs records from `first` on, and returns what it stops with. */
export function playerAt(
  address: number,
): (first: number, state: number) => number {
  const { u64, i64 } = TYPE;
  const signature = { ptr: address, args: [u64, u64], returns: i64 };
  const { play } = linked(native.linkSymbols({ play: signature }));
  return (first, state) => Number(play!(first, state));
}

/** Functions of libc. */
export function libcFunctions<N extends string>(
  signatures: Readonly<Record<N, Signature>>,
): Readonly<Record<N, Call>> {
  return linked(native.dlopen("libc.so.6", signatures));
}

function linked(result: Linked | Error): Readonly<Record<string, Call>> {
  if (result instanceof Error) throw result;
  return result.symbols;
}
