/**
 * Takes away gzip or zstd, found by their first bytes, in a stream. Security:
 * memory stays that of the window (zlib 32 KiB; zstd at most 128 MiB, which
 * only "--long" asks for), and what unpacks to very much more than it is, is
 * refused. A zstd stream that ends early looks like a whole one (Bun 1.4.5): the
 * end mark of a tar, or a layer's digest, tells.
 */

import { Readable } from "node:stream";
import type { Transform } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { refuseArchive } from "../../plan/image/refusal.ts";
import { SelfdockError } from "../../plan/error.ts";
import { ByteSource } from "./byte-source.ts";
import type { Chunks } from "./byte-source.ts";

const FORMATS = [
  { magic: [0x1f, 0x8b], create: createGunzip },
  { magic: [0x28, 0xb5, 0x2f, 0xfd], create: createZstdDecompress },
] as const;
const REFUSED = [
  { magic: [0x42, 0x5a, 0x68], name: "bzip2" },
  { magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a], name: "xz" },
] as const;

/** Nothing below this is a bomb, and nothing above it unpacks to more than so many times itself. */
const ALWAYS_FINE = 2 ** 28;
const LARGEST_RATIO = 200;

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, at) => bytes[at] === byte);
}

/** The bytes behind the compression, and whether there was one. */
export async function decompress(
  chunks: Chunks,
  skip?: (size: number) => number,
): Promise<{ source: ByteSource; packed: boolean }> {
  const source = new ByteSource(chunks, skip);
  const first = await source.peek(6);
  const refused = REFUSED.find(({ magic }) => startsWith(first, magic));
  if (refused !== undefined)
    throw refuseArchive(
      `it is packed with ${refused.name}`,
      `unpack it first: ${refused.name} -dc FILE | selfdock import ...`,
    );
  const format = FORMATS.find(({ magic }) => startsWith(first, magic));
  if (format === undefined) return { source, packed: false };
  const unpacker = format.create({ chunkSize: 2 ** 18 });
  return { source: new ByteSource(unpack(source, unpacker)), packed: true };
}

async function* unpack(
  source: ByteSource,
  unpacker: Transform,
): AsyncGenerator<Uint8Array> {
  const packed = Readable.from(source.rest(), { objectMode: false });
  packed.on("error", (error) => unpacker.destroy(error));
  let size = 0;
  try {
    for await (const chunk of packed.pipe(
      unpacker,
    ) as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > ALWAYS_FINE && size > LARGEST_RATIO * source.taken)
        throw refuseArchive(
          `it unpacks to more than ${LARGEST_RATIO} times its size`,
          "if that is right, unpack it first: an archive that is not packed is taken",
        );
      yield chunk;
    }
  } catch (error) {
    if (error instanceof SelfdockError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? "unknown";
    throw refuseArchive(
      code === "Z_BUF_ERROR" || /end|truncated/i.test(String(error))
        ? "the archive ends in the middle"
        : `it cannot be unpacked (${code})`,
    );
  } finally {
    packed.destroy();
    unpacker.destroy();
  }
}
