/** The settings and words of `selfdock batch` as one complete request. */

import type { BatchRequest } from "../plan/batch/batch-request.ts";
import { quote, type Bytes } from "../plan/bytes.ts";
import { parseRequest } from "./parse-request.ts";
import type { Setting } from "./parse-setting.ts";
import { usageError } from "./usage-error.ts";

/** In the place of a command, which each line has. */
const COMMAND = "COMMAND" as Bytes;

export function parseBatch(
  settings: readonly Setting[],
  [file, second]: readonly Bytes[],
): BatchRequest {
  if (second !== undefined)
    throw usageError(
      `Cannot use ${quote(second)} with batch: the commands come from one FILE, or from standard input`,
      "usage: selfdock [OPTIONS] batch [OPTIONS] [FILE]",
    );
  const seconds = find(settings, "timeout")?.seconds ?? null;
  if (seconds === 0)
    throw usageError(
      "Cannot give the commands 0 seconds: none would end in time",
      "--timeout SECONDS, at least 0.001; without it they may take as long as they like",
    );
  const has = (name: Setting["option"]) =>
    settings.some(({ option }) => option === name);
  return {
    request: { ...parseRequest("run", settings, [COMMAND]), rootless: true },
    name: find(settings, "name")?.name ?? null,
    file: file === undefined || file === "-" ? null : file,
    format: parseFormat(settings, has("null")),
    jobs: find(settings, "jobs")?.jobs ?? null,
    outputDirectory: find(settings, "output-dir")?.path ?? null,
    json: has("json"),
    stopOnFailure: has("stop-on-failure"),
    seconds,
  };
}

function parseFormat(
  settings: readonly Setting[],
  nul: boolean,
): BatchRequest["format"] {
  const format = find(settings, "format")?.format;
  if (nul && format !== undefined && format !== "null")
    throw usageError(
      `Cannot use --null with --format ${format}: which one counts is not clear`,
      "--null is --format null",
    );
  return nul ? "null" : (format ?? "lines");
}

function find<K extends Setting["option"]>(
  settings: readonly Setting[],
  option: K,
): Extract<Setting, { option: K }> | undefined {
  return settings.find((setting) => setting.option === option) as
    Extract<Setting, { option: K }> | undefined;
}
