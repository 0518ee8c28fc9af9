/** The content of a file, with the holes that it had. */

import { ftruncateSync, writeSync } from "node:fs";
import type { TarEntry } from "./read-tar.ts";

/** Writes an entry's bytes to a new file. */
export async function writeSegments(
  file: number,
  entry: TarEntry,
): Promise<void> {
  const { segments, size } = entry;
  if (segments === null) {
    await entry.read((piece) => {
      for (let at = 0; at < piece.length;) at += writeSync(file, piece, at);
    });
    return;
  }
  let [index, done] = [0, 0];
  await entry.read((piece) => {
    for (let at = 0; at < piece.length;) {
      while (done === segments[index]!.size) [index, done] = [index + 1, 0];
      const segment = segments[index]!;
      const wanted = Math.min(piece.length - at, segment.size - done);
      const place = segment.offset + done;
      const written = writeSync(file, piece, at, wanted, place);
      at += written;
      done += written;
    }
  });
  ftruncateSync(file, size);
}
