/**
 * The parts of a tar archive of images. Those of a file are read from where they
 * lie; those of a pipe, whose list may come last, go to a file without a name
 * first. Memory: the names.
 */

import { writeSync } from "node:fs";
import { bytesOf, quote } from "../../plan/bytes.ts";
import type { Bytes } from "../../plan/bytes.ts";
import { parseEntryPath, short } from "../../plan/image/entry-path.ts";
import { show } from "../../plan/image/json.ts";
import { refuseArchive } from "../../plan/image/refusal.ts";
import { failureText } from "./failure-text.ts";
import { LARGEST_LIST } from "./part-store.ts";
import type { PartStore } from "./part-store.ts";
import type { Section } from "./read-chunks.ts";
import type { TarEntry } from "./read-tar.ts";

const MOST_PARTS = 20_000;
const MOST_LINKS = 8;

/** Where the bytes of an archive's entries are, or go. */
export type Storage =
  | {
      readonly kind: "in place";
      readonly descriptor: number;
      readonly start: number;
    }
  | { readonly kind: "copied"; readonly descriptor: number };

/** Parts of a tar archive. */
export class ArchiveParts implements PartStore {
  readonly #parts = new Map<Bytes, Section | { readonly link: Bytes }>();
  readonly #storage: Storage;
  #end = 0;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** Takes an entry in. Of those too large for a list, only `layers` are. */
  async add(entry: TarEntry, layers: boolean): Promise<void> {
    const name = parseEntryPath(entry.name).join("/") as Bytes;
    if (this.#parts.size === MOST_PARTS)
      throw refuseArchive(`it has more than ${MOST_PARTS} parts`);
    if (entry.type === "2" || entry.type === "1") {
      const base = entry.type === "2" ? name.split("/").slice(0, -1) : [];
      this.#parts.set(name, { link: resolveLink(base, entry.link) });
    } else if (entry.type === "0" && entry.segments === null) {
      const wanted = layers || entry.size <= LARGEST_LIST;
      this.#parts.set(name, await this.#place(entry, wanted));
    }
  }

  async #place(entry: TarEntry, wanted: boolean): Promise<Section> {
    const { descriptor } = this.#storage;
    const { size } = entry;
    if (this.#storage.kind === "in place")
      return { descriptor, offset: this.#storage.start + entry.offset, size };
    const offset = this.#end;
    if (wanted) await entry.read((piece) => this.#copy(piece));
    return { descriptor, offset, size };
  }

  #copy(piece: Uint8Array): void {
    const { descriptor } = this.#storage;
    try {
      for (let at = 0; at < piece.length;) {
        const left = piece.length - at;
        const written = writeSync(descriptor, piece, at, left, this.#end);
        this.#end += written;
        at += written;
      }
    } catch (error) {
      throw refuseArchive(`keeping a layer: ${failureText(error) ?? "failed"}`);
    }
  }

  find(name: string): Section | null {
    let at = parseEntryPath(bytesOf(name)).join("/") as Bytes;
    for (let links = 0; links < MOST_LINKS; links++) {
      const part = this.#parts.get(at);
      if (part === undefined) return null;
      if (!("link" in part)) return part;
      at = part.link;
    }
    throw refuseArchive(`the links of ${show(name)} lead in a circle`);
  }

  release(): void {
    // They all lie in the one descriptor.
  }
}

/** Where a link in the archive leads, within the archive. */
function resolveLink(base: readonly string[], link: Bytes): Bytes {
  const way = [...base];
  for (const part of link.split("/")) {
    if (part === "..") {
      if (way.pop() === undefined)
        throw refuseArchive(
          `the link to ${quote(short(link))} leads out of the archive`,
        );
    } else if (part !== "" && part !== ".") way.push(part);
  }
  return way.join("/") as Bytes;
}
