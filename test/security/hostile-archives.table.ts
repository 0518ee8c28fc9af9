/**
 * Archives that want out of the directory they are unpacked to, or to wear down
 * whoever reads them. What each may come to: refused with a message, or
 * contained (it becomes a tree in the new directory, and nothing else).
 */

import { gzipSync, zstdCompressSync } from "node:zlib";
import {
  dockerImage,
  pax,
  sha256,
  tar,
  tarBody,
  type TarItem,
} from "../harness/archives.ts";

export interface HostileArchive {
  readonly name: string;
  /** `victim`: a directory outside, with the file `secret`. */
  readonly make: (victim: string) => Uint8Array;
  /** What the message says, or null where it is contained. */
  readonly refused: RegExp | null;
}

const EVIL: TarItem = { name: "x/evil", data: "evil" };
const image = (...layers: TarItem[][]) =>
  dockerImage(layers.map((each) => tar(each)));
const link = (name: string, to: string): TarItem => ({
  name,
  type: "2",
  link: to,
});
const BASE: TarItem = { name: "etc/passwd", data: "root" };
/** Major and minor 1: /dev/mem. */
const MEMORY = [329, Buffer.from("0000001\x000000001\x00")] as const;
/** -1 in GNU's numbers. */
const MINUS_ONE = new Uint8Array(12).fill(0xff);
/** 2^62. */
const HUGE = new Uint8Array([0x80, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0]);
const ZEROS = new Uint8Array(300 * 2 ** 20);
const cut = (data: Uint8Array, size: number) => data.subarray(0, size);

function garbled(data: Uint8Array): Uint8Array {
  const copy = Buffer.from(data);
  for (let at = 30; at < copy.length; at += 7) copy[at]! ^= 0x55;
  return copy;
}

/** An OCI layout whose index names an index, and so on. */
function nestedIndexes(depth: number): Uint8Array {
  const blobs: TarItem[] = [];
  let inner = {
    mediaType: "application/vnd.oci.image.index.v1+json",
    digest: "",
    size: 0,
  };
  let text = JSON.stringify({ manifests: [] });
  for (let at = 0; at < depth; at++) {
    blobs.push({ name: `blobs/sha256/${sha256(text)}`, data: text });
    inner = { ...inner, digest: `sha256:${sha256(text)}`, size: text.length };
    text = JSON.stringify({ manifests: [inner] });
  }
  return tar([
    { name: "oci-layout", data: "{}" },
    ...blobs,
    { name: "index.json", data: text },
  ]);
}

export const HOSTILE: readonly HostileArchive[] = [
  {
    name: "a name with ..",
    make: () => tar([{ name: "../victim/evil", data: "x" }]),
    refused: /leads out of the root/,
  },
  {
    name: "a name with .. in its middle",
    make: () => tar([{ name: "a/../../victim/evil" }]),
    refused: /leads out of the root/,
  },
  {
    name: "a PAX name with ..",
    make: () => tar([pax([["path", "../victim/evil"]]), { name: "a" }]),
    refused: /leads out of the root/,
  },
  {
    name: "a long GNU name with ..",
    make: () =>
      tar([
        { name: "././@LongLink", type: "L", data: "../victim/evil\0" },
        { name: "a" },
      ]),
    refused: /leads out of the root/,
  },
  {
    name: "a name with .. in a layer",
    make: () => image([{ name: "../victim/evil" }]),
    refused: /leads out of the root/,
  },
  {
    name: "a PAX name with a NUL",
    make: () => tar([pax([["path", "a\0b"]]), { name: "a" }]),
    refused: /has a NUL/,
  },
  {
    name: "an absolute name",
    make: (victim) => tar([{ name: `${victim}/evil`, data: "x" }]),
    refused: null,
  },
  {
    name: "a file through an absolute link",
    make: (victim) => tar([link("x", victim), EVIL]),
    refused: /which is no directory/,
  },
  {
    name: "a file through a relative link",
    make: () => tar([link("x", "../victim"), EVIL]),
    refused: /which is no directory/,
  },
  {
    name: "a file through a link to a link",
    make: (victim) => tar([link("y", victim), link("x", "y"), EVIL]),
    refused: /which is no directory/,
  },
  {
    name: "a directory that becomes a link",
    make: (victim) =>
      tar([
        { name: "x/", type: "5" },
        { name: "x/a" },
        link("x", victim),
        EVIL,
      ]),
    refused: /which is no directory/,
  },
  {
    name: "a directory over a link",
    make: (victim) =>
      tar([link("x", victim), { name: "x/", type: "5", mode: 0o777 }, EVIL]),
    refused: null,
  },
  {
    name: "a file over a link",
    make: (victim) =>
      tar([link("x", `${victim}/secret`), { name: "x", data: "evil" }]),
    refused: null,
  },
  {
    name: "a file over a hard link of a link",
    make: (victim) =>
      tar([
        link("s", `${victim}/secret`),
        { name: "h", type: "1", link: "s" },
        { name: "h", data: "evil" },
      ]),
    refused: null,
  },
  {
    name: "a hard link to a file outside",
    make: (victim) => tar([{ name: "h", type: "1", link: `${victim}/secret` }]),
    refused: /which is no file before it/,
  },
  {
    name: "a hard link with ..",
    make: () => tar([{ name: "h", type: "1", link: "../victim/secret" }]),
    refused: /leads out of the root/,
  },
  {
    name: "a hard link through a link",
    make: (victim) =>
      tar([link("x", victim), { name: "h", type: "1", link: "x/secret" }]),
    refused: /which is no file before it/,
  },
  {
    name: "a hard link to a directory",
    make: () =>
      tar([
        { name: "d/", type: "5" },
        { name: "h", type: "1", link: "d" },
      ]),
    refused: /which is no file before it/,
  },
  {
    name: "a hard link to the root",
    make: () => tar([{ name: "h", type: "1", link: "/" }]),
    refused: /which is no file before it/,
  },
  {
    name: "a hard link to itself",
    make: () => tar([{ name: "h" }, { name: "h", type: "1", link: "h" }]),
    refused: null,
  },
  {
    name: "a hard link to a layer below",
    make: () => image([BASE], [{ name: "h", type: "1", link: "etc/passwd" }]),
    refused: /which is no file before it/,
  },
  {
    name: "a layer's file through a link below",
    make: (victim) => image([link("x", victim)], [EVIL]),
    refused: null,
  },
  {
    name: "a whiteout through a link below",
    make: (victim) => image([link("x", victim)], [{ name: "x/.wh.secret" }]),
    refused: null,
  },
  {
    name: "a whiteout through a link",
    make: (victim) => image([link("x", victim), { name: "x/.wh.secret" }]),
    refused: /which is no directory/,
  },
  {
    name: "an opaque directory through a link below",
    make: (victim) => image([link("x", victim)], [{ name: "x/.wh..wh..opq" }]),
    refused: null,
  },
  {
    name: "a whiteout of ..",
    make: () => image([{ name: "a/.wh..." }]),
    refused: /whiteout of no entry/,
  },
  {
    name: "a whiteout of .",
    make: () => image([{ name: "a/.wh.." }]),
    refused: /whiteout of no entry/,
  },
  {
    name: "an entry within a whiteout",
    make: () => image([{ name: ".wh.a/b" }]),
    refused: /within a whiteout/,
  },
  {
    name: "the name that layers are unpacked under",
    make: (victim) =>
      image([link(".wh..wh..layer", victim), { name: ".wh..wh..layer/evil" }]),
    refused: null,
  },
  {
    name: "a root that is a link",
    make: (victim) => tar([link("./", victim), EVIL]),
    refused: /else than a directory for a root/,
  },
  {
    name: "a root that is a file",
    make: () => tar([{ name: "." }]),
    refused: /else than a directory for a root/,
  },
  {
    name: "a file within a file",
    make: () => tar([{ name: "x", data: "x" }, EVIL]),
    refused: /which is no directory/,
  },
  {
    name: "a link without a target",
    make: () => tar([link("x", "")]),
    refused: /leads nowhere/,
  },
  {
    name: "a setuid file",
    make: () => tar([{ name: "su", mode: 0o6755, data: "#!/bin/sh\n" }]),
    refused: null,
  },
  {
    name: "device nodes",
    make: () =>
      tar([
        { name: "sda", type: "4", patch: MEMORY },
        { name: "mem", type: "3", patch: MEMORY },
      ]),
    refused: null,
  },
  {
    name: "a name of 5000 bytes",
    make: () => tar([pax([["path", "x".repeat(5000)]]), { name: "a" }]),
    refused: /name is too long|too long/,
  },
  {
    name: "a name of 300 directories",
    make: () => tar([pax([["path", "d/".repeat(300)]]), { name: "a" }]),
    refused: /more than 256 parts/,
  },
  {
    name: "a header of 2 MiB",
    make: () => tar([pax([["comment", "x".repeat(2 ** 21)]]), { name: "a" }]),
    refused: /header in the archive has/,
  },
  {
    name: "a garbled PAX record",
    make: () =>
      tar([{ name: "p", type: "x", data: "999 path=a\n" }, { name: "a" }]),
    refused: /extended header in the archive is garbled/,
  },
  {
    name: "a PAX record of length 0",
    make: () =>
      tar([{ name: "p", type: "x", data: "0 path=a\n" }, { name: "a" }]),
    refused: /extended header in the archive is garbled/,
  },
  {
    name: "a negative size",
    make: () => tar([{ name: "a", size: MINUS_ONE }]),
    refused: /size in the archive is negative/,
  },
  {
    name: "a huge size",
    make: () => tar([{ name: "a", size: HUGE }]),
    refused: /not a number|ends in the middle/,
  },
  {
    name: "a huge size in PAX",
    make: () => tar([pax([["size", "9007199254740991"]]), { name: "a" }]),
    refused: /ends in the middle/,
  },
  {
    name: "a wrong checksum",
    make: () => tar([{ name: "a", checksum: 1 }]),
    refused: /wrong checksum/,
  },
  {
    name: "a size that is no number",
    make: () => tar([{ name: "a", size: Buffer.from("9999999999x\0") }]),
    refused: /not a number/,
  },
  {
    name: "a sparse map out of order",
    make: () =>
      tar([
        pax([
          ["GNU.sparse.size", "100"],
          ["GNU.sparse.map", "50,2,10,2"],
        ]),
        { name: "a", data: "abcd" },
      ]),
    refused: /not in order/,
  },
  {
    name: "a sparse map beyond the end",
    make: () =>
      tar([
        pax([
          ["GNU.sparse.size", "10"],
          ["GNU.sparse.map", "50,4"],
        ]),
        { name: "a", data: "abcd" },
      ]),
    refused: /does not fit/,
  },
  {
    name: "a sparse map of more than there is",
    make: () =>
      tar([
        pax([
          ["GNU.sparse.size", "100"],
          ["GNU.sparse.map", "0,50"],
        ]),
        { name: "a", data: "abcd" },
      ]),
    refused: /does not fit/,
  },
  {
    name: "a sparse file of 8 EiB",
    make: () =>
      tar([
        pax([
          ["GNU.sparse.size", "9007199254740991"],
          ["GNU.sparse.map", "0,4"],
        ]),
        { name: "a", data: "abcd" },
      ]),
    refused: /too large/,
  },
  {
    name: "one of several volumes",
    make: () => tar([{ name: "a", type: "M" }]),
    refused: /several volumes/,
  },
  {
    name: "nothing at all",
    make: () => Buffer.alloc(0),
    refused: /archive is empty/,
  },
  {
    name: "noise",
    make: () => Buffer.from("noise".repeat(999)),
    refused: /it is no tar archive/,
  },
  {
    name: "no end mark",
    make: () => tarBody([{ name: "a" }]),
    refused: /ends in the middle/,
  },
  {
    name: "an end in a header",
    make: () => cut(tar([{ name: "a" }, { name: "b" }]), 700),
    refused: /ends in the middle/,
  },
  {
    name: "an end in a file",
    make: () => cut(tar([{ name: "a", data: "x".repeat(4096) }]), 2048),
    refused: /ends in the middle/,
  },
  {
    name: "an end in gzip",
    make: () => cut(gzipSync(tar([{ name: "a", data: "x" }])), 60),
    refused: /ends in the middle/,
  },
  {
    name: "an end in zstd",
    make: () => cut(zstdCompressSync(tar([{ name: "a", data: "x" }])), 40),
    refused: /ends in the middle|is empty/,
  },
  {
    name: "garbled gzip",
    make: () => garbled(gzipSync(tar([{ name: "a", data: "x".repeat(999) }]))),
    refused: /cannot be unpacked|ends in the middle/,
  },
  {
    name: "garbled zstd",
    make: () =>
      garbled(zstdCompressSync(tar([{ name: "a", data: "x".repeat(999) }]))),
    refused: /cannot be unpacked|ends in the middle/,
  },
  {
    name: "bzip2",
    make: () => Buffer.from("BZh91AY&SY"),
    refused: /packed with bzip2/,
  },
  {
    name: "a bomb of gzip",
    make: () => gzipSync(tar([{ name: "a", data: ZEROS }])),
    refused: /more than 200 times its size/,
  },
  {
    name: "a bomb of zstd in a layer",
    make: () =>
      dockerImage([zstdCompressSync(tar([{ name: "a", data: ZEROS }]))]),
    refused: /more than 200 times its size/,
  },
  {
    name: "a layer that is not what the config says",
    make: () =>
      dockerImage([tar([BASE])], { diffIds: [`sha256:${"0".repeat(64)}`] }),
    refused: /is not what it should be/,
  },
  {
    name: "a layer with bytes behind its end",
    make: () => {
      const layer = tar([BASE]);
      return dockerImage([Buffer.concat([layer, Buffer.from("more")])], {
        diffIds: [`sha256:${sha256(layer)}`],
      });
    },
    refused: /is not what it should be/,
  },
  {
    name: "a digest that cannot be checked",
    make: () => dockerImage([tar([BASE])], { diffIds: ["md5:00"] }),
    refused: /no digest that can be checked/,
  },
  {
    name: "more layers than the config has",
    make: () => dockerImage([tar([BASE]), tar([BASE])], { diffIds: [] }),
    refused: /names 0 layers, and the image has 2/,
  },
  {
    name: "a layer by the name ../victim/secret",
    make: () =>
      dockerImage([tar([BASE])], { layerNames: ["../victim/secret"] }),
    refused: /leads out of the root/,
  },
  {
    name: "a layer by an absolute name",
    make: (victim) =>
      dockerImage([tar([BASE])], { layerNames: [`${victim}/secret`] }),
    refused: /is not in the archive/,
  },
  {
    name: "a layer that is a link out of the archive",
    make: (victim) =>
      tar([
        link("0".repeat(64), `../../${victim}/secret`),
        { name: "manifest.json", data: "[]" },
      ]),
    refused: /leads out of the archive/,
  },
  {
    name: "layers that link in a circle",
    make: () =>
      Buffer.concat([
        tarBody([link("repositories", "b"), link("b", "repositories")]),
        dockerImage([tar([BASE])], { layerNames: ["b"] }),
      ]),
    refused: /lead in a circle/,
  },
  {
    name: "a list that is no JSON",
    make: () => dockerImage([], { manifest: "[" }),
    refused: /is not JSON/,
  },
  {
    name: "a list that is no list",
    make: () => dockerImage([], { manifest: "{}" }),
    refused: /is not a list/,
  },
  {
    name: "a list of JSON that has no end",
    make: () => dockerImage([], { manifest: "[".repeat(2 ** 20) }),
    refused: /is not JSON/,
  },
  {
    name: "a list of 5 MiB",
    make: () => dockerImage([], { manifest: " ".repeat(5 * 2 ** 20) }),
    refused: /has 5242880 bytes/,
  },
  {
    name: "a variable with a NUL",
    make: () => dockerImage([tar([BASE])], { config: { Env: ["A=\0"] } }),
    refused: /is not a text/,
  },
  {
    name: "a config of other kinds",
    make: () => dockerImage([tar([BASE])], { config: { Cmd: { a: 1 } } }),
    refused: /is not a list/,
  },
  {
    name: "no list of images",
    make: () => tar([{ name: "blobs/", type: "5" }]),
    refused: /neither a manifest.json nor an index.json/,
  },
  {
    name: "indexes in indexes",
    make: () => nestedIndexes(6),
    refused: /nested more than 4 deep/,
  },
  {
    name: "more parts than images have",
    make: () =>
      tar([
        { name: "blobs/", type: "5" },
        ...Array.from({ length: 20_001 }, (_, at) => ({ name: `blobs/${at}` })),
      ]),
    refused: /more than 20000 parts/,
  },
  {
    name: "the same name a thousand times",
    make: () =>
      tar(
        Array.from({ length: 1000 }, (_, at) => ({
          name: "a/b",
          type: "0157"[at % 4]!,
          ...(at % 4 === 1 ? { link: "c" } : {}),
        })).flatMap((item) => [{ name: "c" }, item]),
      ),
    refused: null,
  },
  {
    name: "directories that nobody may enter",
    make: () =>
      tar([
        { name: "a/", type: "5", mode: 0 },
        { name: "a/b/", type: "5", mode: 0 },
        { name: "a/b/c", mode: 0 },
        { name: "z", checksum: 1 },
      ]),
    refused: /wrong checksum/,
  },
  {
    name: "a name that steers the terminal",
    make: () => tar([{ name: "../\u001b]0;evil\u0007" }]),
    refused: /\\x1b\]0;evil\\x07/,
  },
];
