/** The text of `selfdock import --list`. Security: nothing of an archive's can steer the terminal. */

import type { ListedImage } from "../launch/image/unpack-archive.ts";
import { escapeText } from "./messages.ts";

export function renderImages(images: readonly ListedImage[]): string {
  if (images.length === 0) return "a root filesystem, without an image\n";
  return images.map((image) => renderImage(image)).join("\n");
}

function renderImage({ image, config }: ListedImage): string {
  const { os, architecture, variant } = config;
  const platform = [os, architecture, variant].filter((part) => part !== null);
  const rows = [
    ["image", image.names.join(" ") || "(no name)"],
    ["platform", platform.join("/") || "(not said)"],
    ...image.layers.map(({ name }, at) => ["layer", config.layers[at] ?? name]),
    ...config.env.map((variable) => ["env", variable]),
    ["directory", config.workingDir ?? ""],
    ["entrypoint", renderWords(config.entrypoint)],
    ["command", renderWords(config.cmd)],
  ] as const;
  return rows
    .filter(([, text]) => text !== "")
    .map(([label, text]) => `${label.padEnd(11)}${escapeText(text)}\n`)
    .join("");
}

function renderWords(words: readonly string[]): string {
  return words.length === 0 ? "" : JSON.stringify(words);
}
