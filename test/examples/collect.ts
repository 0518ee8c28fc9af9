/** Every command line with selfdock in it that README, help and the man page show. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { COMMANDS } from "../../src/commands/commands.table.ts";
import { PICTURE } from "../../bench/picture.table.ts";
import { GUIDES } from "../../src/commands/guides.table.ts";
import { OPTIONS } from "../../src/commands/options.table.ts";

const README = join(import.meta.dir, "../../README.md");

/** The lines of README's shell blocks, whole and without comments. */
export function collectFromReadme(): readonly string[] {
  const text = readFileSync(README, "utf8");
  return [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].flatMap(([, block]) =>
    block!
      .replaceAll(/ \\\n +/g, " ")
      .split("\n")
      .map((line) => line.replace(/(^| {2,})#.*$/, "").trimEnd())
      .filter((line) => line !== ""),
  );
}

/** The TypeScript of README. */
export function collectTypeScript(): readonly string[] {
  const text = readFileSync(README, "utf8");
  return [...text.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code]) => code!);
}

/** The lines of README's picture. */
export function collectFromPicture(): readonly string[] {
  return PICTURE;
}

/** The lines of the tables that help and the man page are made from. */
export function collectFromTables(): readonly string[] {
  const rows: readonly {
    readonly examples: readonly { readonly line: string }[];
  }[] = [...COMMANDS, ...OPTIONS, ...Object.values(GUIDES)];
  return rows.flatMap(({ examples }) => examples.map(({ line }) => line));
}
