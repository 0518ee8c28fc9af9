/**
 * Byte strings: what Linux calls a path, an argument or a variable is a row of
 * bytes, not text. A `Bytes` holds one byte in each character (Latin-1), so
 * that two different names never become one, and ASCII compares as itself.
 */

declare const bytes: unique symbol;

/** A row of bytes, one byte (0–255) in each character. */
export type Bytes = string & { readonly [bytes]: true };

/** The bytes of a text in UTF-8. */
export function bytesOf(text: string): Bytes {
  return Buffer.from(text, "utf8").toString("latin1") as Bytes;
}

/** What is made into a text a byte at a time. */
const SHORT = 1024;

/** The bytes of a buffer as they are. */
export function bytesFrom(buffer: Uint8Array): Bytes {
  if (buffer.length > SHORT) return bytesFromLong(buffer);
  return String.fromCharCode.apply(
    null,
    buffer as unknown as number[],
  ) as Bytes;
}

/** Apart: Buffer takes 0.1 ms to be there, from the first call of a function that names it. */
function bytesFromLong({ buffer, byteOffset, byteLength }: Uint8Array): Bytes {
  return Buffer.from(buffer, byteOffset, byteLength).toString(
    "latin1",
  ) as Bytes;
}

/**
 * The bytes for a person to read: UTF-8 where it is valid, everything that
 * could move a cursor, break a line or is not UTF-8 as `\xHH`.
 */
export function showBytes(value: Bytes): string {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(
    Buffer.from(value, "latin1"),
  );
  if (
    !/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffd]/.test(
      text,
    )
  )
    return text;
  return Array.from(value, (byte) => {
    const code = byte.charCodeAt(0);
    return code >= 0x20 && code < 0x7f
      ? byte
      : `\\x${code.toString(16).padStart(2, "0")}`;
  }).join("");
}

/** `showBytes` in double quotes, as every message names what the user gave. */
export function quote(value: Bytes): string {
  return `"${showBytes(value)}"`;
}
