/** What layers do to each other, in the orders that tools and strangers write them. */

import { expect } from "bun:test";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import {
  dockerImage,
  sha256,
  tar,
  tarBody,
  type TarItem,
} from "../harness/archives.ts";
import { rootless } from "../harness/modes.ts";
import { makeRoom } from "../harness/room.ts";

const file = (name: string): TarItem => ({ name, data: name });
const directory = (name: string, mode = 0o755): TarItem => ({
  name: `${name}/`,
  type: "5",
  mode,
});

const LOWER = [
  directory("d", 0o700),
  file("d/a"),
  file("d/b"),
  directory("d/e"),
  file("d/e/f"),
  file("x"),
];

/** A layer on top of LOWER, and what is there then. */
const CASES: Readonly<
  Record<string, readonly [readonly TarItem[], readonly string[]]>
> = {
  "a whiteout takes a file away": [
    [file("d/.wh.a")],
    ["d", "d/b", "d/e", "d/e/f", "x"],
  ],
  "a whiteout takes a directory away": [[file(".wh.d")], ["x"]],
  "a whiteout of nothing is no trouble": [
    [file("d/.wh.none"), file(".wh.none")],
    ["d", "d/a", "d/b", "d/e", "d/e/f", "x"],
  ],
  "what a layer has itself its whiteouts do not hide": [
    [file("d/a"), file("d/.wh.a"), file("d/.wh.b"), file("d/b")],
    ["d", "d/a", "d/b", "d/e", "d/e/f", "x"],
  ],
  "a directory that was taken away begins anew": [
    [directory("d"), file("d/new"), file(".wh.d")],
    ["d", "d/new", "x"],
  ],
  "an opaque directory shows only the layer's, whatever comes first": [
    [directory("d"), file("d/new"), file("d/.wh..wh..opq")],
    ["d", "d/new", "x"],
  ],
  "a directory in the place of a file": [
    [directory("x"), file("x/y")],
    ["d", "d/a", "d/b", "d/e", "d/e/f", "x", "x/y"],
  ],
  "a file in the place of a directory": [[file("d")], ["d", "x"]],
  "directories that no entry names": [
    [file("new/deep/file"), file("d/e/g")],
    [
      "d",
      "d/a",
      "d/b",
      "d/e",
      "d/e/f",
      "d/e/g",
      "new",
      "new/deep",
      "new/deep/file",
      "x",
    ],
  ],
  "marks of AUFS": [
    [file(".wh..wh.aufs"), directory(".wh..wh.plnk"), file(".wh..wh.plnk/1.2")],
    ["d", "d/a", "d/b", "d/e", "d/e/f", "x"],
  ],
};

for (const [title, [upper, expected]] of Object.entries(CASES))
  rootless.rule(title, async () => {
    const cwd = makeRoom();
    const stdin = dockerImage([tar(LOWER), tar(upper)]);
    const made = await rootless.run(["import", "new"], { cwd, stdin });
    expect(made).toMatchObject({ status: 0, stderr: "" });
    const names = readdirSync(join(cwd, "new"), { recursive: true });
    expect(names.map(String).toSorted()).toEqual([...expected]);
    const named = upper.some(({ name }) => name === "d/");
    const kept = statSync(join(cwd, "new"), { throwIfNoEntry: false });
    expect(kept?.mode).toBe(0o40755);
    if (expected.includes("d/b"))
      expect(statSync(join(cwd, "new/d")).mode & 0o777).toBe(
        named ? 0o755 : 0o700,
      );
  });

rootless.rule(
  "the root has no mode of the archive's own root, but that of a layer's",
  async () => {
    const own: TarItem = { ...directory("."), mode: 0o700 };
    const layer = tar([directory(".", 0o751), file("x")]);
    for (const [layers, mode] of [
      [[tar([file("x")])], 0o755],
      [[layer], 0o751],
      [[layer, tar([file("y")])], 0o751],
    ] as const) {
      const cwd = makeRoom();
      const stdin = Buffer.concat([tarBody([own]), dockerImage(layers)]);
      const made = await rootless.run(["import", "new"], { cwd, stdin });
      expect(made).toMatchObject({ status: 0, stderr: "" });
      expect(statSync(join(cwd, "new")).mode & 0o7777).toBe(mode);
    }
  },
);

/** An OCI layout with an image for each platform. */
function layoutOf(platforms: readonly string[]): Buffer {
  const blobs: TarItem[] = [];
  const blob = (data: Uint8Array | string) => {
    const digest = sha256(data);
    blobs.push({ name: `blobs/sha256/${digest}`, data });
    return { digest: `sha256:${digest}`, size: Buffer.byteLength(data) };
  };
  const manifests = platforms.map((platform, at) => {
    const [os, architecture] = platform.split("/");
    const layer = tar([file(architecture!)]);
    const packed = at % 2 === 0 ? gzipSync(layer) : zstdCompressSync(layer);
    const config = blob(
      JSON.stringify({
        os,
        architecture,
        rootfs: { diff_ids: [`sha256:${sha256(layer)}`] },
      }),
    );
    const manifest = blob(JSON.stringify({ config, layers: [blob(packed)] }));
    return { ...manifest, platform: { os, architecture } };
  });
  const index = blob(JSON.stringify({ manifests }));
  const mediaType = "application/vnd.oci.image.index.v1+json";
  const annotations = { "org.opencontainers.image.ref.name": "app:1" };
  return tar([
    { name: "oci-layout", data: "{}" },
    {
      name: "index.json",
      data: JSON.stringify({
        manifests: [{ ...index, mediaType, annotations }],
      }),
    },
    ...blobs,
  ]);
}

rootless.rule(
  "of several platforms it is this machine's, or the one that is asked for",
  async () => {
    const cwd = makeRoom();
    const stdin = layoutOf([
      "linux/s390x",
      "linux/amd64",
      "linux/arm64",
      "unknown/unknown",
    ]);
    for (const [words, found] of [
      [["--image", "app:1"], process.arch === "arm64" ? "arm64" : "amd64"],
      [["--platform", "linux/s390x"], "s390x"],
      [["--platform", "linux/arm64"], "arm64"],
    ] as const) {
      const made = await rootless.run(["import", ...words, found], {
        cwd,
        stdin,
      });
      expect(made).toMatchObject({ status: 0, stderr: "" });
      expect(readdirSync(join(cwd, found))).toEqual([found]);
    }
    const seen = await rootless.run(["import", "--list"], { cwd, stdin });
    expect(seen.stdout.match(/^image {6}app:1$/gm)).toHaveLength(3);
  },
);

rootless.rule("of several images one must be named", async () => {
  const cwd = makeRoom();
  const stdin = twoImages();
  const refused = await rootless.run(["import", "new"], { cwd, stdin });
  expect(refused).toMatchObject({
    status: 124,
    stderr:
      'selfdock: Cannot import: there are 2 images in the archive\nselfdock: hint: choose with --image: it has "test/one:1", "test/two:2"\n',
  });
  const made = await rootless.run(["import", "--image", "two:2", "new"], {
    cwd,
    stdin,
  });
  expect(made).toMatchObject({ status: 0, stderr: "" });
  expect(readdirSync(join(cwd, "new"))).toEqual(["two"]);
});

function twoImages(): Buffer {
  const images = ["one", "two"].map((name) => {
    const layer = tar([file(name)]);
    const config = JSON.stringify({
      os: "linux",
      architecture: "amd64",
      rootfs: { diff_ids: [`sha256:${sha256(layer)}`] },
    });
    return { name, layer, config };
  });
  const manifest = images.map(({ name, config }, at) => ({
    Config: `${sha256(config)}.json`,
    RepoTags: [`test/${name}:${at + 1}`],
    Layers: [`${name}/layer.tar`],
  }));
  return tar([
    { name: "repositories", data: "{}" },
    ...images.flatMap(({ name, layer, config }) => [
      { name: `${name}/layer.tar`, data: layer },
      { name: `${sha256(config)}.json`, data: config },
    ]),
    { name: "manifest.json", data: JSON.stringify(manifest) },
  ]);
}
