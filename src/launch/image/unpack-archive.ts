/**
 * The extractor: what of an import reads the archive. It runs in an instance in
 * which only its working directory can be written (see import-image.ts), reads
 * standard input, and tells the rest to whoever called it.
 */

import { closeSync, fstatSync } from "node:fs";
import { ERRNO } from "../../../syscalls/errno.table.ts";
import type { Bytes } from "../../plan/bytes.ts";
import { chooseImage } from "../../plan/image/choose-image.ts";
import { parseEntryPath } from "../../plan/image/entry-path.ts";
import type { ImageConfig } from "../../plan/image/image-config.ts";
import type { ImageParts } from "../../plan/image/image-list.ts";
import { show } from "../../plan/image/json.ts";
import { refuseArchive } from "../../plan/image/refusal.ts";
import { INSIDE } from "../../plan/image/extractor-word.ts";
import type { ExtractorWord } from "../../plan/image/extractor-word.ts";
import { awaitInput } from "./await-input.ts";
import { decompress } from "./decompress.ts";
import {
  check,
  emptyDirectory,
  enterDirectory,
  failedWith,
  isDirectory,
  leaveDirectory,
} from "./directory.ts";
import type { Directory } from "./directory.ts";
import type { Losses } from "./dress-entry.ts";
import {
  createFileAt,
  statusAt,
  unlinkAt,
  WORKING_DIRECTORY,
} from "./file-calls.ts";
import { ArchiveParts } from "./archive-parts.ts";
import { DirectoryParts } from "./directory-parts.ts";
import { findPart } from "./part-store.ts";
import type { PartStore } from "./part-store.ts";
import { WholeInput } from "./read-chunks.ts";
import type { Progress } from "./read-chunks.ts";
import {
  beginsImages,
  platformIn,
  readConfig,
  readImages,
} from "./read-images.ts";
import { readTar } from "./read-tar.ts";
import type { TarEntry } from "./read-tar.ts";
import { unpackEntry } from "./unpack-entry.ts";
import type { Target } from "./unpack-entry.ts";
import { unpackLayer } from "./unpack-layer.ts";
import type { Unpacking } from "./unpack-layer.ts";
import { Way } from "./way.ts";

const INPUT = 0;
const COPIES = ".wh..wh..copies" as Bytes;

/** What was unpacked: the image's config (null for a plain root) and what of it was lost. */
export interface Unpacked {
  readonly config: ImageConfig | null;
  readonly losses: Losses;
}

/** An image and its config, for `--list`. */
export interface ListedImage {
  readonly image: ImageParts;
  readonly config: ImageConfig;
}

/** Fills the directory. */
export async function unpackArchive(
  word: ExtractorWord,
  progress: Progress,
): Promise<Unpacked> {
  const losses: Losses = { devices: 0, attributes: 0, setIds: 0 };
  const root = enterRoot();
  const way = new Way(root, () => {});
  const target = { way, policy: word, losses, claimed: () => {} };
  const store = await readInput(target, progress);
  let config: ImageConfig | null = null;
  if (store !== null) {
    const images = readImages(store);
    const image = chooseImage(images, word, (each) => platformIn(store, each));
    config = readConfig(store, image);
    const total = sizeOf(store, image);
    const read = (size: number) => progress(size, total);
    const unpacking = { root, policy: word, losses, read };
    await unpackLayers(unpacking, store, { image, config });
  } else if (word.name !== null || word.platform !== null)
    throw refuseArchive(
      "it is a root filesystem, and no image of those asked for",
      "leave out --image and --platform",
    );
  leaveDirectory(root);
  awaitInput(INPUT, false);
  return { config, losses };
}

/** The images of the archive; none for a plain root filesystem. */
export async function listArchive(): Promise<readonly ListedImage[]> {
  const store = await readInput(null, () => {});
  if (store === null) return [];
  return readImages(store).map((image) => ({
    image,
    config: readConfig(store, image),
  }));
}

/** Removes all that is in the directory. */
export function emptyTarget(): void {
  const root = enterRoot();
  emptyDirectory(root);
  closeSync(root.descriptor);
}

function enterRoot(): Directory {
  const { target } = INSIDE;
  const status = statusAt(WORKING_DIRECTORY, target);
  if (!isDirectory(status)) throw failedWith(-ERRNO.ENOTDIR, "opening", target);
  const root = enterDirectory(WORKING_DIRECTORY, target, status);
  return Object.assign(root, { mode: 0o755 });
}

/** Of all layers as they are stored. */
function sizeOf(store: PartStore, { layers }: ImageParts): number {
  let sum = 0;
  for (const part of layers) {
    const section = findPart(store, part);
    sum += section.size;
    store.release(section);
  }
  return sum;
}

async function unpackLayers(
  unpacking: Unpacking,
  store: PartStore,
  { image, config }: ListedImage,
): Promise<void> {
  const { layers } = image;
  if (layers.length !== config.layers.length)
    throw refuseArchive(
      `the config ${show(image.config.name)} names ${config.layers.length} layers, and the image has ${layers.length}`,
    );
  for (const [at, part] of layers.entries())
    await unpackLayer(unpacking, store, { part, unpacked: config.layers[at]! });
}

/** The parts of an archive of images; null where it is a root filesystem, which has gone to `target` then. */
async function readInput(
  target: Target | null,
  progress: Progress,
): Promise<PartStore | null> {
  if (fstatSync(INPUT).isDirectory()) return new DirectoryParts(INPUT);
  const input = new WholeInput(INPUT, progress);
  const { source, packed } = await decompress(input, (size) =>
    input.skip(size),
  );
  const parts = new ArchiveParts(
    input.start === null || packed
      ? { kind: "copied", descriptor: createCopies(target) }
      : { kind: "in place", descriptor: INPUT, start: input.start },
  );
  let images: boolean | null = null;
  // Of an archive of images it is nothing.
  let root: TarEntry | null = null;
  for await (const entry of readTar(source, true)) {
    const path = parseEntryPath(entry.name);
    if (images === null && path.length > 0) images = beginsImages(path);
    if (path.length === 0) root = entry;
    else if (images === true) await parts.add(entry, target !== null);
    else if (target !== null) await unpackEntry(target, path, entry);
    else return null;
  }
  if (images !== true && root !== null && target !== null)
    await unpackEntry(target, [], root);
  target?.way.finish();
  return images === true ? parts : null;
}

/** A file without a name, for what comes from a pipe or is packed. */
function createCopies(target: Target | null): number {
  const [at, name] =
    target === null
      ? [WORKING_DIRECTORY, `${INSIDE.memory}/${COPIES}` as Bytes]
      : [target.way.root.descriptor, COPIES];
  const file = check(createFileAt(at, name), "making", COPIES);
  check(unlinkAt(at, name, 0), "removing", COPIES);
  return file;
}
