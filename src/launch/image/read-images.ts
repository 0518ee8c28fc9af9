/** The images of an archive, by its lists: docker save's, or an OCI layout's. */

import { parseImageConfig } from "../../plan/image/image-config.ts";
import type { ImageConfig } from "../../plan/image/image-config.ts";
import {
  parseDockerManifest,
  parseIndex,
  parseManifest,
} from "../../plan/image/image-list.ts";
import type {
  Descriptor,
  ImageParts,
  Platform,
} from "../../plan/image/image-list.ts";
import { show } from "../../plan/image/json.ts";
import { refuseArchive } from "../../plan/image/refusal.ts";
import { readList } from "./part-store.ts";
import type { PartStore } from "./part-store.ts";

const INDEX = { name: "index.json", digest: null, size: null };
const DOCKER = { name: "manifest.json", digest: null, size: null };
/** An index may name indexes: one for each platform. */
const DEEPEST = 4;
const MOST_IMAGES = 1000;

/** Whether an archive that begins with this path has images, and no root filesystem. */
export function beginsImages(path: readonly string[]): boolean {
  return /^(blobs|oci-layout|index\.json|manifest\.json|repositories|[0-9a-f]{64}(\.json|\.tar)?)$/.test(
    path[0] ?? "",
  );
}

/** Docker's list is taken where there is one, since it has the names. */
export function readImages(store: PartStore): readonly ImageParts[] {
  if (has(store, DOCKER.name))
    return parseDockerManifest(readList(store, DOCKER).json);
  if (has(store, INDEX.name)) {
    const images: ImageParts[] = [];
    readIndex(store, { part: INDEX, names: [], depth: 0 }, images);
    return images;
  }
  throw refuseArchive(
    "it has neither a manifest.json nor an index.json",
    "docker save, skopeo copy and buildah push write archives that have",
  );
}

function readIndex(
  store: PartStore,
  {
    part,
    names,
    depth,
  }: {
    part: Parameters<typeof readList>[1];
    names: readonly string[];
    depth: number;
  },
  images: ImageParts[],
): void {
  if (depth === DEEPEST)
    throw refuseArchive(
      `its lists of images are nested more than ${DEEPEST} deep`,
    );
  const rows = parseIndex(readList(store, part).json);
  for (const row of rows) {
    if (images.length === MOST_IMAGES)
      throw refuseArchive(`it has more than ${MOST_IMAGES} images`);
    const all = [...names, ...row.names];
    if (row.index)
      readIndex(store, { part: row, names: all, depth: depth + 1 }, images);
    else if (isThere(store, row, rows.length))
      images.push(readManifest(store, row, all));
  }
}

/** Of several platforms often only one has been copied. */
function isThere(
  store: PartStore,
  { name }: Descriptor,
  count: number,
): boolean {
  return count === 1 || has(store, name);
}

function readManifest(
  store: PartStore,
  row: Descriptor,
  names: readonly string[],
): ImageParts {
  const parts = parseManifest(readList(store, row).json);
  return { names, platform: row.platform, ...parts };
}

export function readConfig(
  store: PartStore,
  { config }: ImageParts,
): ImageConfig {
  return parseImageConfig(readList(store, config).text, show(config.name));
}

/** By its config. */
export function platformIn(store: PartStore, image: ImageParts): Platform {
  const { os, architecture, variant } = readConfig(store, image);
  return [os, architecture, variant].filter((part) => part !== null).join("/");
}

function has(store: PartStore, name: string): boolean {
  const section = store.find(name);
  if (section !== null) store.release(section);
  return section !== null;
}
