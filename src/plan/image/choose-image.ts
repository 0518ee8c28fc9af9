/** Which of an archive's images is meant: by name, by platform, or because there is no other. */

import { show } from "./json.ts";
import type { ImageParts, Platform } from "./image-list.ts";
import { refuseArchive } from "./refusal.ts";

export interface Wanted {
  /** `--image`, or null. */
  readonly name: string | null;
  /** `--platform`, or null. */
  readonly platform: Platform | null;
  /** This machine's. */
  readonly own: Platform;
}

/** One image; `platformIn` reads its config where the archive's list has no platform. */
export function chooseImage(
  images: readonly ImageParts[],
  { name, platform, own }: Wanted,
  platformIn: (image: ImageParts) => Platform,
): ImageParts {
  const named =
    name === null
      ? images
      : images.filter(({ names }) => names.some((each) => matches(each, name)));
  if (named.length === 0) {
    const state =
      name === null
        ? "there is no image in the archive"
        : `there is no image ${show(name)} in the archive`;
    throw refuseArchive(state, hintOf(images));
  }
  const runsOn = (image: ImageParts, where: Platform) =>
    `${image.platform ?? platformIn(image)}/`.startsWith(`${where}/`);
  if (platform !== null) {
    const fitting = named.filter((image) => runsOn(image, platform));
    if (fitting.length === 0)
      throw refuseArchive(
        `there is no image for ${show(platform)} in the archive`,
        hintOf(images),
      );
    return onlyOne(fitting);
  }
  if (named.length === 1) return named[0]!;
  const fitting = named.filter((image) => runsOn(image, own));
  return onlyOne(fitting.length === 0 ? named : fitting);
}

/** The same image under several names, or in several lists, is one. */
function onlyOne(images: readonly ImageParts[]): ImageParts {
  const [first] = images;
  if (images.every(({ config }) => config.name === first!.config.name))
    return first!;
  throw refuseArchive(
    `there are ${images.length} images in the archive`,
    `choose with --image: ${hintOf(images) ?? "selfdock import --list shows them"}`,
  );
}

function hintOf(images: readonly ImageParts[]): string | null {
  const names = images.flatMap((image) => image.names);
  if (names.length === 0) return null;
  const shown = names.slice(0, 5).map((name) => show(name));
  return `it has ${shown.join(", ")}${names.length > 5 ? ", ..." : ""}`;
}

/** `busybox` is docker.io/library/busybox:latest, and whatever else ends so. */
function matches(name: string, wanted: string): boolean {
  return name === wanted || `/${tagged(name)}`.endsWith(`/${tagged(wanted)}`);
}

function tagged(name: string): string {
  return /[:@][^/]*$/.test(name) ? name : `${name}:latest`;
}
