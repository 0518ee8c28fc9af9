/**
 * Which images an archive has, from docker's manifest.json or an OCI layout's
 * index.json: their names and where their parts are. Security: a name of a part
 * only chooses among the parts of the archive.
 */

import {
  elements,
  field,
  optionalSize,
  optionalText,
  show,
  text,
  texts,
} from "./json.ts";
import type { Json } from "./json.ts";
import { refuseArchive } from "./refusal.ts";

/** A part of the archive, by name. */
export interface Part {
  /** A path in the archive. */
  readonly name: string;
  /** `sha256:...`, or null where nothing names it. */
  readonly digest: string | null;
  /** Bytes, if it is said. */
  readonly size: number | null;
}

/** `OS/ARCH[/VARIANT]` */
export type Platform = string;

export interface ImageParts {
  readonly names: readonly string[];
  /** Null where only the config says it. */
  readonly platform: Platform | null;
  readonly config: Part;
  readonly layers: readonly Part[];
}

const DIGEST = /^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** docker save's: a list of images. */
export function parseDockerManifest(json: Json): readonly ImageParts[] {
  return elements(json).map((image) => ({
    names: texts(field(image, "RepoTags")),
    platform: null,
    config: partByName(text(field(image, "Config"))),
    layers: texts(field(image, "Layers")).map((name) => partByName(name)),
  }));
}

/** A name that is a digest is held to it; whatever else it is called, the config says a layer's digest. */
function partByName(name: string): Part {
  const hex = /^(?:blobs\/sha256\/)?([0-9a-f]{64})(?:\.json)?$/.exec(name)?.[1];
  const digest = hex === undefined ? null : `sha256:${hex}`;
  return { name, digest, size: null };
}

/** An entry of an OCI index. */
export interface Descriptor extends Part {
  readonly index: boolean;
  readonly names: readonly string[];
  readonly platform: Platform | null;
}

/** The manifests (and further indexes) that an OCI index names; attestations, which are for no platform, are left out. */
export function parseIndex(json: Json): readonly Descriptor[] {
  return elements(field(json, "manifests")).flatMap((row) => {
    const platform = field(row, "platform");
    const name = platform.value === undefined ? null : platformOf(platform);
    if (name?.startsWith("unknown/")) return [];
    const type = optionalText(field(row, "mediaType")) ?? "";
    const index = /index|manifest\.list/.test(type);
    return [
      { ...parseDescriptor(row), index, names: namesOf(row), platform: name },
    ];
  });
}

/** An OCI or docker image manifest. */
export function parseManifest(
  json: Json,
): Pick<ImageParts, "config" | "layers"> {
  return {
    config: parseDescriptor(field(json, "config")),
    layers: elements(field(json, "layers")).map((row) => parseDescriptor(row)),
  };
}

function parseDescriptor(json: Json): Part {
  const digest = text(field(json, "digest"));
  if (!DIGEST.test(digest))
    throw refuseArchive(`${show(digest)} is no digest that can be checked`);
  return {
    name: `blobs/${digest.replace(":", "/")}`,
    digest,
    size: optionalSize(field(json, "size")),
  };
}

const NAME_ANNOTATIONS = [
  "io.containerd.image.name",
  "org.opencontainers.image.ref.name",
];

function namesOf(row: Json): readonly string[] {
  const annotations = field(row, "annotations");
  if (annotations.value === undefined) return [];
  return NAME_ANNOTATIONS.flatMap(
    (name) => optionalText(field(annotations, name)) ?? [],
  );
}

function platformOf(json: Json): Platform {
  const parts = ["os", "architecture", "variant"];
  return parts
    .flatMap((part) => optionalText(field(json, part)) ?? [])
    .join("/");
}
