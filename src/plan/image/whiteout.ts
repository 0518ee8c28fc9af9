/**
 * The names by which a layer takes away what the layers below it have: OCI's
 * image layer specification. A layer is unpacked with them as they are, and
 * they are obeyed when it is merged.
 */

import { quote } from "../bytes.ts";
import type { Bytes } from "../bytes.ts";
import { short } from "./entry-path.ts";
import { refuseArchive } from "./refusal.ts";

const WHITEOUT = ".wh.";
/** Nothing of a layer below shows in the directory. */
export const OPAQUE = ".wh..wh..opq" as Bytes;
/** Other names of this kind mean nothing to us (AUFS left some), and no entry can have them. */
const RESERVED = ".wh..wh.";
/** Ours: the layer has things in this directory, but says nothing of the directory itself. */
export const IMPLIED = ".wh..wh..implied" as Bytes;
/** Ours: where a layer is unpacked, within the root. */
export const LAYER = ".wh..wh..layer" as Bytes;

export type LayerName =
  | { readonly kind: "entry" }
  | { readonly kind: "opaque" }
  | { readonly kind: "ignored" }
  | { readonly kind: "whiteout"; readonly hidden: Bytes };

/** What the way to an entry means in a layer. */
export function parseLayerName(path: readonly Bytes[]): LayerName {
  if (path.some((part) => part.startsWith(RESERVED)))
    return { kind: path.at(-1) === OPAQUE ? "opaque" : "ignored" };
  const whole = path.join("/") as Bytes;
  if (path.slice(0, -1).some((part) => part.startsWith(WHITEOUT)))
    throw refuseArchive(`${quote(short(whole))} lies within a whiteout`);
  const last = path.at(-1);
  if (last === undefined || !last.startsWith(WHITEOUT))
    return { kind: "entry" };
  const hidden = last.slice(WHITEOUT.length) as Bytes;
  if (hidden === "" || hidden === "." || hidden === "..")
    throw refuseArchive(`${quote(short(whole))} is a whiteout of no entry`);
  return { kind: "whiteout", hidden };
}

/** The name that a whiteout found in an unpacked layer hides, or null for any other entry. */
export function hiddenBy(name: Bytes): Bytes | null {
  return name.startsWith(WHITEOUT)
    ? (name.slice(WHITEOUT.length) as Bytes)
    : null;
}
