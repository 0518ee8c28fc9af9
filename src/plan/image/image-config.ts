/**
 * What an image says of how its command is run: `DIR.image.json` beside an
 * imported DIR, and what `run --image-config` makes of it. Security: the file
 * came from a stranger's archive; it can say no more than `--env`, `--cd` and
 * COMMAND could.
 */

import { bytesOf } from "../bytes.ts";
import type { Bytes } from "../bytes.ts";
import { SelfdockError } from "../error.ts";
import type { EnvironmentChange, Request } from "../request.ts";
import { field, optionalText, parseJson, texts } from "./json.ts";
import type { Json } from "./json.ts";

/** As the image's config has it. */
export interface ImageConfig {
  readonly os: string | null;
  readonly architecture: string | null;
  readonly variant: string | null;
  readonly env: readonly string[];
  readonly workingDir: string | null;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  /** The digest of each layer when it is unpacked, from the lowest on. */
  readonly layers: readonly string[];
}

/** Behind the path of an imported root: where its config is kept. */
const CONFIG_SUFFIX = ".image.json";

export function parseImageConfig(content: string, called: string): ImageConfig {
  const json = parseJson(content, called);
  const inner = field(json, "config");
  const config: Json =
    inner.value === undefined ? { ...inner, value: {} } : inner;
  return {
    os: optionalText(field(json, "os")),
    architecture: optionalText(field(json, "architecture")),
    variant: optionalText(field(json, "variant")),
    env: texts(field(config, "Env")),
    workingDir: optionalText(field(config, "WorkingDir")),
    entrypoint: texts(field(config, "Entrypoint")),
    cmd: texts(field(config, "Cmd")),
    layers: texts(field(rootfsOf(json), "diff_ids")),
  };
}

function rootfsOf(json: Json): Json {
  const rootfs = field(json, "rootfs");
  return rootfs.value === undefined ? { ...rootfs, value: {} } : rootfs;
}

/** The file beside an imported root: in the same form, with nothing that is not used. */
export function renderImageConfig(config: ImageConfig): string {
  const { os, architecture, variant, env, workingDir, entrypoint, cmd } =
    config;
  const kept = {
    os,
    architecture,
    variant,
    config: {
      Env: env,
      WorkingDir: workingDir,
      Entrypoint: entrypoint,
      Cmd: cmd,
    },
    rootfs: { type: "layers", diff_ids: config.layers },
  };
  return `${JSON.stringify(kept, null, 2)}\n`;
}

/** The path of the config of the root DIR. */
export function configPath(directory: Bytes): Bytes {
  return `${directory.replace(/(?<=[^/])\/+$/, "")}${CONFIG_SUFFIX}` as Bytes;
}

/** The request with the image's say where the user has none. */
export function applyImageConfig(
  request: Request,
  config: ImageConfig,
): Request {
  const set = config.env.map((entry): EnvironmentChange => {
    const [name, ...value] = entry.split("=");
    return {
      kind: "set",
      name: bytesOf(name!),
      value: bytesOf(value.join("=")),
    };
  });
  const { workingDir } = config;
  return {
    ...request,
    environment: [
      ...set.filter(({ name }) => name !== ""),
      ...request.environment,
    ],
    workingDirectory:
      request.workingDirectory ??
      (workingDir?.startsWith("/") ? bytesOf(workingDir) : null),
    command: imageCommand(request.command, config),
  };
}

/** A command with the image's entrypoint before it; where there is none, the image's own. */
export function imageCommand(
  command: readonly Bytes[],
  { entrypoint, cmd }: ImageConfig,
): readonly Bytes[] {
  const words = [
    ...entrypoint.map((word) => bytesOf(word)),
    ...(command.length > 0 ? command : cmd.map((word) => bytesOf(word))),
  ];
  if (words.length > 0) return words;
  throw new SelfdockError(
    "usage",
    "Cannot run: there is no COMMAND, and the image's config names none",
  );
}
