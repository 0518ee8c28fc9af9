/** Unpacks a layer beside the root, holds it to its digests, and lays it over the root. */

import { closeSync } from "node:fs";
import { ERRNO } from "../../../syscalls/errno.table.ts";
import type { Bytes } from "../../plan/bytes.ts";
import { parseEntryPath } from "../../plan/image/entry-path.ts";
import type { Part } from "../../plan/image/image-list.ts";
import { show } from "../../plan/image/json.ts";
import {
  IMPLIED,
  LAYER,
  OPAQUE,
  parseLayerName,
} from "../../plan/image/whiteout.ts";
import { ByteSource } from "./byte-source.ts";
import type { Chunks } from "./byte-source.ts";
import { decompress } from "./decompress.ts";
import { check, enterDirectory, failedWith, isDirectory } from "./directory.ts";
import type { Directory } from "./directory.ts";
import type { Losses, Policy } from "./dress-entry.ts";
import {
  createFileAt,
  makeDirectoryAt,
  REMOVE_DIRECTORY,
  statusAt,
  unlinkAt,
} from "./file-calls.ts";
import { mergeDirectory } from "./merge-layer.ts";
import { startDigest } from "./digest.ts";
import { findPart } from "./part-store.ts";
import type { PartStore } from "./part-store.ts";
import { readSection } from "./read-chunks.ts";
import { readTar } from "./read-tar.ts";
import { unpackEntry } from "./unpack-entry.ts";
import type { Target } from "./unpack-entry.ts";
import { Way } from "./way.ts";

/** What all layers of an import share. */
export interface Unpacking {
  readonly root: Directory;
  readonly policy: Policy;
  readonly losses: Losses;
  readonly read: (size: number) => void;
}

/** A layer, and the digest of what it unpacks to. */
export interface Layer {
  readonly part: Part;
  readonly unpacked: string;
}

export async function unpackLayer(
  { root, policy, losses, read }: Unpacking,
  store: PartStore,
  layer: Layer,
): Promise<void> {
  const { descriptor } = root;
  check(makeDirectoryAt(descriptor, LAYER, 0o700), "making", LAYER);
  const upper = enterLayer(descriptor);
  let marked = false;
  const mark = (directory: Directory, name: Bytes) => {
    marked = true;
    makeMark(directory, name);
  };
  makeMark(upper, IMPLIED);
  const target: Target = {
    way: new Way(upper, (directory) => mark(directory, IMPLIED)),
    policy,
    losses,
    claimed: (directory) => void unlinkAt(directory.descriptor, IMPLIED, 0),
  };
  await readLayer(store, { layer, read }, (source) =>
    unpackEntries(target, source, mark),
  );
  target.way.finish();
  const { keepIds } = policy;
  mergeDirectory(upper, root, { keepIds, marked, fresh: false });
  closeSync(upper.descriptor);
  check(unlinkAt(descriptor, LAYER, REMOVE_DIRECTORY), "removing", LAYER);
}

function enterLayer(root: number): Directory {
  const status = statusAt(root, LAYER);
  if (!isDirectory(status)) throw failedWith(-ERRNO.ENOTDIR, "opening", LAYER);
  return enterDirectory(root, LAYER, status);
}

/** An empty file: until the layer is merged it stands for a whiteout, say. */
function makeMark({ descriptor }: Directory, name: Bytes): void {
  const file = createFileAt(descriptor, name);
  if (file >= 0) closeSync(file);
  else if (file !== -ERRNO.EEXIST) throw failedWith(file, "making", name);
}

async function unpackEntries(
  target: Target,
  source: ByteSource,
  mark: (directory: Directory, name: Bytes) => void,
): Promise<void> {
  // Its digest tells whether a layer is complete.
  for await (const entry of readTar(source, false)) {
    const path = parseEntryPath(entry.name);
    const { kind } = parseLayerName(path);
    if (kind === "entry") await unpackEntry(target, path, entry);
    else if (kind === "opaque") mark(target.way.to(path), OPAQUE);
    else if (kind === "whiteout") mark(target.way.to(path), path.at(-1)!);
  }
}

/** Reads all of a layer, and checks what it was before anybody uses it. */
async function readLayer(
  store: PartStore,
  { layer, read }: { layer: Layer; read: (size: number) => void },
  body: (source: ByteSource) => Promise<void>,
): Promise<void> {
  const { part, unpacked } = layer;
  const called = `the layer ${show(part.name)}`;
  const section = findPart(store, part);
  const packed = part.digest === null ? null : startDigest(part.digest);
  const plain = startDigest(unpacked);
  const chunks = tap(readSection(section, read), (chunk) =>
    packed?.update(chunk),
  );
  const { source } = await decompress(chunks);
  const content = new ByteSource(
    tap(source.rest(), (chunk) => plain.update(chunk)),
  );
  await body(content);
  // What stands behind the end mark counts, too.
  for await (const rest of content.rest()) void rest;
  for await (const rest of chunks) void rest;
  packed?.finish(called);
  plain.finish(`${called}, unpacked,`);
  store.release(section);
}

async function* tap(
  chunks: Chunks,
  see: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    see(chunk);
    yield chunk;
  }
}
