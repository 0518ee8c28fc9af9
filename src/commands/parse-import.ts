/** The settings and words of `selfdock import` as one complete request. */

import { quote, type Bytes } from "../plan/bytes.ts";
import type { ImportRequest } from "../plan/image/import-request.ts";
import type { Setting } from "./parse-setting.ts";
import { usageError } from "./usage-error.ts";

const USAGE = "usage: selfdock import [OPTIONS] DIR < ARCHIVE";

export function parseImport(
  settings: readonly Setting[],
  [directory, second]: readonly Bytes[],
): ImportRequest {
  const has = (name: Setting["option"]) =>
    settings.some(({ option }) => option === name);
  const value = (name: "image" | "platform") =>
    settings.flatMap((each) => (each.option === name ? [each.value] : []))[0];
  const list = has("list");
  const extra = list ? directory : second;
  if (extra !== undefined)
    throw usageError(
      `Cannot use ${quote(extra)} with import: the archive is read from standard input`,
      list ? "usage: selfdock import --list < ARCHIVE" : USAGE,
    );
  if (!list && (directory === undefined || directory === ""))
    throw usageError("Cannot import: there is no DIR", USAGE);
  return {
    directory: list ? null : directory!,
    image: value("image") ?? null,
    platform: value("platform") ?? null,
    ignoreDevices: has("ignore-devices"),
    asRoot: has("as-root"),
    rootless: has("rootless") || has("as-root"),
  };
}
