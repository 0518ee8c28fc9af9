/** Names, whiteouts, lists of images, and what a config says. */

import { describe, expect, test } from "bun:test";
import type { Bytes } from "../../../src/plan/bytes.ts";
import { chooseImage } from "../../../src/plan/image/choose-image.ts";
import { parseEntryPath } from "../../../src/plan/image/entry-path.ts";
import {
  applyImageConfig,
  configPath,
  parseImageConfig,
  renderImageConfig,
} from "../../../src/plan/image/image-config.ts";
import type { ImageParts } from "../../../src/plan/image/image-list.ts";
import { parseLayerName } from "../../../src/plan/image/whiteout.ts";
import { b, requestOf } from "../plan/samples.ts";

test("a name is its parts, and never leads out", () => {
  expect(parseEntryPath(b("./a//b/./c/"))).toEqual(["a", "b", "c"] as Bytes[]);
  expect(parseEntryPath(b("/a"))).toEqual(["a"] as Bytes[]);
  expect(parseEntryPath(b("././"))).toEqual([]);
  for (const bad of ["..", "a/..", "../a", "a/../b", "/.."])
    expect(() => parseEntryPath(b(bad))).toThrow("leads out of the root");
  expect(parseEntryPath(b("...")).length).toBe(1);
});

test("the names of whiteouts mean what the image specification says", () => {
  const kinds = {
    "a/b": "entry",
    "a/.wh": "entry",
    "a/.wh.b": "whiteout",
    ".wh..wh..opq": "opaque",
    "a/.wh..wh..opq": "opaque",
    ".wh..wh.aufs": "ignored",
    ".wh..wh.plnk/x": "ignored",
    ".wh..wh..layer/x": "ignored",
  } as const;
  for (const [name, kind] of Object.entries(kinds))
    expect(parseLayerName(name.split("/") as Bytes[]).kind).toBe(kind);
  for (const bad of ["a/.wh.", "a/.wh..", "a/.wh...", ".wh.a/b"])
    expect(() => parseLayerName(bad.split("/") as Bytes[])).toThrow(
      /Cannot import/,
    );
});

describe("which image", () => {
  const image = (platform: string, ...names: string[]): ImageParts => ({
    names,
    platform,
    config: {
      name: `config of ${names.join()} ${platform}`,
      digest: null,
      size: null,
    },
    layers: [],
  });
  const [app1, app2] = [
    image("linux/amd64", "docker.io/library/app:1"),
    image("linux/amd64", "docker.io/library/app:latest"),
  ];
  const arm = image("linux/arm64/v8", "docker.io/library/app:1");
  const choose = (
    images: readonly ImageParts[],
    name: string | null,
    platform: string | null = null,
  ) =>
    chooseImage(
      images,
      { name, platform, own: "linux/amd64" },
      () => "never asked",
    );

  test("is found by the end of its name, and by the tag latest", () => {
    for (const name of ["app", "library/app", "docker.io/library/app:latest"])
      expect(choose([app1, app2], name)).toBe(app2);
    expect(choose([app1, app2], "app:1")).toBe(app1);
    for (const name of ["pp", "app:2", "rary/app"])
      expect(() => choose([app1, app2], name)).toThrow("there is no image");
  });

  test("is found by its platform, this machine's first", () => {
    expect(choose([arm, app1], null)).toBe(app1);
    expect(choose([arm], null)).toBe(arm);
    expect(choose([arm, app1], null, "linux/arm64")).toBe(arm);
    expect(() => choose([arm], null, "linux/arm")).toThrow(
      "there is no image for",
    );
  });

  test("must be clear", () => {
    expect(() => choose([app1, app2], null)).toThrow(
      "there are 2 images in the archive",
    );
    expect(() => choose([], null)).toThrow("there is no image in the archive");
    expect(choose([app1, { ...app1, names: ["again"] }], null)).toBe(app1);
  });
});

describe("a config", () => {
  const text = JSON.stringify({
    os: "linux",
    config: {
      Env: ["A=1=2", "B="],
      WorkingDir: "/w",
      Entrypoint: ["/e"],
      Cmd: ["c", "d"],
      User: "x",
    },
    rootfs: { diff_ids: ["sha256:0"] },
  });
  const config = parseImageConfig(text, "it");

  test("is the same after it was kept", () => {
    expect(parseImageConfig(renderImageConfig(config), "it")).toEqual(config);
    expect(parseImageConfig("{}", "it")).toMatchObject({
      env: [],
      workingDir: null,
      entrypoint: [],
      cmd: [],
    });
  });

  test("says what the user does not", () => {
    const set = (name: string, value: string) =>
      ({ kind: "set", name: b(name), value: b(value) }) as const;
    expect(applyImageConfig(requestOf({ command: [] }), config)).toMatchObject({
      command: ["/e", "c", "d"],
      workingDirectory: "/w",
      environment: [set("A", "1=2"), set("B", "")],
    });
    const own = requestOf({
      command: [b("x")],
      workingDirectory: b("/mine"),
      environment: [set("A", "mine")],
    });
    expect(applyImageConfig(own, config)).toMatchObject({
      command: ["/e", "x"],
      workingDirectory: "/mine",
      environment: [set("A", "1=2"), set("B", ""), set("A", "mine")],
    });
  });

  test("without a command takes one from the user", () => {
    const none = parseImageConfig("{}", "it");
    expect(() => applyImageConfig(requestOf({ command: [] }), none)).toThrow(
      "names none",
    );
  });

  test("of other kinds is refused", () => {
    for (const bad of [
      "",
      "[]",
      '{"config":[]}',
      '{"config":{"Env":"A"}}',
      '{"config":{"Cmd":[1]}}',
      '{"config":{"Env":["\\u0000"]}}',
      '{"os":1}',
    ])
      expect(() => parseImageConfig(bad, "it")).toThrow(/Cannot import: /);
  });

  test("lies beside its root", () => {
    expect([configPath(b("a/b//")), configPath(b("/r"))]).toEqual([
      "a/b.image.json",
      "/r.image.json",
    ] as Bytes[]);
  });
});
