/** Archives made from a description: tar entries as a stranger may write them, and images of layers. */

import { createHash } from "node:crypto";

/** One entry; what is missing is that of an ordinary file. */
export interface TarItem {
  readonly name: string;
  /** `0` a file, `1` a hard link, `2` a link, `5` a directory, `x` a PAX header, ... */
  readonly type?: string;
  readonly data?: string | Uint8Array;
  readonly link?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: number;
  /** The size field as it stands there, if it is not that of the data. */
  readonly size?: Uint8Array | number;
  /** Bytes that go over those of the finished header, before its checksum. */
  readonly patch?: readonly [offset: number, bytes: Uint8Array];
  readonly checksum?: number;
}

const BLOCK = 512;

function octal(value: number, size: number): string {
  return `${value.toString(8).padStart(size - 1, "0")}\0`;
}

function header(item: TarItem, length: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const { size = length } = item;
  block.write(item.name.slice(0, 100), 0, "utf8");
  block.write(octal(item.mode ?? (item.type === "5" ? 0o755 : 0o644), 8), 100);
  block.write(octal(item.uid ?? 0, 8), 108);
  block.write(octal(item.gid ?? 0, 8), 116);
  if (typeof size === "number") block.write(octal(size, 12), 124);
  else block.set(size, 124);
  block.write(octal(item.mtime ?? 1_000_000_000, 12), 136);
  block.fill(" ", 148, 156);
  block.write(item.type ?? "0", 156);
  block.write((item.link ?? "").slice(0, 100), 157, "utf8");
  block.write("ustar\x0000", 257);
  if (item.patch !== undefined) block.set(item.patch[1], item.patch[0]);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(octal(item.checksum ?? sum, 7), 148);
  return block;
}

function padded(data: Uint8Array): Buffer {
  const rest = (BLOCK - (data.length % BLOCK)) % BLOCK;
  return Buffer.concat([data, Buffer.alloc(rest)]);
}

/** The entries without an end mark. */
export function tarBody(items: readonly TarItem[]): Buffer {
  return Buffer.concat(
    items.flatMap((item) => {
      const data = Buffer.from(item.data ?? "");
      return [header(item, data.length), padded(data)];
    }),
  );
}

export function tar(items: readonly TarItem[]): Buffer {
  return Buffer.concat([tarBody(items), Buffer.alloc(2 * BLOCK)]);
}

/** A PAX header with the records, to stand before the entry that it is about. */
export function pax(
  records: readonly (readonly [string, string])[],
  type = "x",
): TarItem {
  const data = records
    .map(([key, value]) => {
      const rest = Buffer.byteLength(` ${key}=${value}\n`);
      let length = rest;
      while (length !== rest + String(length).length)
        length = rest + String(length).length;
      return `${length} ${key}=${value}\n`;
    })
    .join("");
  return { name: "pax", type, data };
}

export function sha256(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}

/** What an image archive is made of; a field replaces what would be right. */
export interface ImageParts {
  readonly config?: object;
  readonly configText?: string;
  readonly diffIds?: readonly string[];
  readonly layerNames?: readonly string[];
  readonly names?: readonly string[];
  readonly manifest?: string;
}

/** As docker save writes it, its list at the end. */
export function dockerImage(
  layers: readonly Uint8Array[],
  parts: ImageParts = {},
): Buffer {
  const rootfs = {
    type: "layers",
    diff_ids: parts.diffIds ?? layers.map((layer) => `sha256:${sha256(layer)}`),
  };
  const config =
    parts.configText ??
    JSON.stringify({
      os: "linux",
      architecture: "amd64",
      config: parts.config ?? {},
      rootfs,
    });
  const files = layers.map((data, at) => ({ name: `layer${at}.tar`, data }));
  const manifest = [
    {
      Config: `${sha256(config)}.json`,
      RepoTags: parts.names ?? ["test/image:1"],
      Layers: parts.layerNames ?? files.map(({ name }) => name),
    },
  ];
  return tar([
    { name: `${sha256(config)}.json`, data: config },
    ...files,
    { name: "manifest.json", data: parts.manifest ?? JSON.stringify(manifest) },
  ]);
}
