/**
 * One option with its values, checked and typed. Nothing here looks at the
 * host: that a path exists, or may be used, is found out where it is opened.
 */

import { BATCH_FORMATS, MOST_JOBS } from "../plan/batch/batch-request.ts";
import type { BatchFormat } from "../plan/batch/batch-request.ts";
import type { Bytes } from "../plan/bytes.ts";
import type {
  BindRequest,
  EnvironmentChange,
  LimitRequest,
  MountRequest,
  Proc,
  TmpfsRequest,
} from "../plan/request.ts";
import {
  dockerBindHint,
  dockerEnvHint,
  dockerTmpfsHint,
  showWord,
} from "./docker-hint.ts";
import { isDecimal } from "./is-decimal.ts";
import type { DryRun } from "./invocation.ts";
import type { BriefOption, OptionName, OPTIONS } from "./options.table.ts";
import { parseScratch } from "./parse-scratch.ts";
import { parseSeconds } from "./parse-seconds.ts";
import { parseTmpfs } from "./parse-tmpfs.ts";
import { parseUlimit } from "./parse-ulimit.ts";
import { valueError, type GivenValue } from "./usage-error.ts";

/** Options of one kind, each by its own name. */
type Says<K extends OptionName, V = object> = K extends OptionName
  ? { readonly option: K } & Readonly<V>
  : never;

/** The options that take nothing: they are given, or not. */
type FlagName = Exclude<
  Extract<(typeof OPTIONS)[number], { values: readonly [] }>["name"],
  "dry-run" | "scratch"
>;

/** What one option says. */
export type Setting =
  | Says<"map" | "vol" | "tmpfs" | "hide" | "data", { mount: MountRequest }>
  | Says<"env" | "unset-env", { change: EnvironmentChange }>
  | Says<"rootfs" | "cd" | "prefix" | "output" | "output-dir", { path: Bytes }>
  | Says<"keep-fd", { descriptor: number }>
  | Says<"net", { network: "host" | "none" }>
  | Says<"proc", { proc: Proc }>
  | Says<"hostname", { hostname: Bytes }>
  | Says<"scratch", { size: number }>
  | Says<"ulimit", { limit: LimitRequest }>
  | Says<"mode", { mode: number }>
  | Says<"image" | "platform", { value: string }>
  | Says<"name", { name: Bytes }>
  | Says<"timeout", { seconds: number }>
  | Says<"jobs", { jobs: number }>
  | Says<"format", { format: BatchFormat }>
  | Says<FlagName>
  | Says<"dry-run", { form: DryRun }>;

const PROC: readonly Proc[] = ["own", "host", "none"];
const WITHOUT = {
  cd: "without --cd an instance starts at your own path, if it exists inside",
  prefix: undefined,
};

function requireFilled(given: GivenValue): Bytes {
  if (given.value === "") throw valueError(given, "it is empty");
  return given.value;
}

/** A path inside that is absolute. */
export function requireAbsolute(given: GivenValue, hint?: string): Bytes {
  if (requireFilled(given).startsWith("/")) return given.value;
  throw valueError(given, "it is not an absolute path", hint);
}

function parseBind(
  kind: "map" | "vol",
  source: GivenValue,
  target: GivenValue,
): BindRequest {
  requireFilled(source);
  if (requireFilled(target) !== "." && !target.value.startsWith("/")) {
    throw valueError(
      target,
      'it is neither an absolute path nor "."',
      dockerBindHint(kind, source.value) ?? undefined,
    );
  }
  return { kind, source: source.value, target: target.value };
}

function parseEmpty(options: GivenValue, target: GivenValue): TmpfsRequest {
  const hint = dockerTmpfsHint(options.value) ?? undefined;
  return parseTmpfs(options.value, requireAbsolute(target, hint));
}

function parseName(given: GivenValue): Bytes {
  const equals = requireFilled(given).indexOf("=");
  if (equals < 0) return given.value;
  const name = given.value.slice(0, equals) || "NAME";
  const hint =
    given.option.name === "env"
      ? dockerEnvHint(given.value)
      : `-E ${showWord(name)}`;
  throw valueError(given, 'a name has no "="', hint ?? undefined);
}

function parseDescriptor(given: GivenValue): number {
  const number = isDecimal(given.value, 4) ? Number(given.value) : 0;
  if (number >= 3 && number <= 1023) return number;
  throw valueError(given, "it is not a decimal number from 3 to 1023");
}

function parseNetwork(given: GivenValue): "host" | "none" {
  if (given.value === "host") return "host";
  if (given.value === "none") return "none";
  throw valueError(
    { ...given, called: "the value" },
    "it must be host or none",
  );
}

function parseProc(given: GivenValue): Proc {
  const proc = PROC.find((each) => each === given.value);
  if (proc !== undefined) return proc;
  throw valueError(
    { ...given, called: "the value" },
    "it must be own, host or none",
  );
}

function parseHostname(given: GivenValue): Bytes {
  if (/^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/.test(given.value)) return given.value;
  throw valueError(
    given,
    "it is not 1 to 64 letters, digits, dots and dashes, the first a letter or digit",
  );
}

/** Begins with a letter: a number is a pid. */
export function isInstanceName(word: Bytes): boolean {
  return /^[A-Za-z][A-Za-z0-9._-]{0,63}$/.test(word);
}

function parseInstanceName(given: GivenValue): Bytes {
  if (isInstanceName(given.value)) return given.value;
  throw valueError(
    given,
    "it is not a letter and up to 63 letters, digits, dots, underscores and dashes",
  );
}

function parseJobs(given: GivenValue): number {
  const jobs = isDecimal(given.value, 4) ? Number(given.value) : 0;
  if (jobs >= 1 && jobs <= MOST_JOBS) return jobs;
  throw valueError(given, `it is not a decimal number from 1 to ${MOST_JOBS}`);
}

function parseFormat(given: GivenValue): BatchFormat {
  const format = BATCH_FORMATS.find((name) => name === given.value);
  if (format !== undefined) return format;
  throw valueError(
    { ...given, called: "the value" },
    "it must be lines, null or json",
  );
}

/** Security: never setgid, never writable by others, whatever is asked for. */
function parseInstallMode(given: GivenValue): number {
  const mode = /^[0-7]{3,5}$/.test(given.value)
    ? Number.parseInt(given.value, 8)
    : 0;
  if ((mode & ~0o4755) === 0 && (mode & 0o500) === 0o500) return mode;
  throw valueError(
    given,
    "it is not an octal mode within 4755 that lets the owner read and execute",
    "4755 (setuid root) or 0755",
  );
}

/** What `--hide` and `--data` put in place. */
function parseInMemory(
  kind: "hide" | "data",
  first: GivenValue,
  second: GivenValue,
): MountRequest {
  if (kind === "hide") return { kind, target: requireAbsolute(first) };
  const descriptor = parseDescriptor(first);
  return { kind, descriptor, target: requireAbsolute(second) };
}

/** Names of images and platforms are ASCII. */
function parseImageWord(given: GivenValue): string {
  const platform = given.option.name === "platform";
  const form = platform ? /^[\w.-]+(\/[\w.-]+){1,2}$/ : /^[\w./:@-]+$/;
  if (form.test(given.value)) return given.value;
  throw valueError(
    given,
    platform ? "it is not like linux/amd64" : "it is no name of an image",
  );
}

function setVariable(name: GivenValue, value: GivenValue): EnvironmentChange {
  return { kind: "set", name: parseName(name), value: value.value };
}

function unsetVariable(name: GivenValue): EnvironmentChange {
  return { kind: "unset", name: parseName(name) };
}

function isFlag(
  _name: OptionName,
  { values, forms, optional }: BriefOption,
): _name is FlagName {
  return values.length === 0 && forms === undefined && optional === undefined;
}

function valueAt(
  option: BriefOption,
  values: readonly Bytes[],
  at: number,
): GivenValue | undefined {
  const value = values[at];
  if (value === undefined) return undefined;
  return { option, called: option.values[at] ?? "", value };
}

/** Which words may stand there was seen when the option was read. */
function parseForm(given: GivenValue | undefined): DryRun {
  return (given?.value ?? "words") as string as DryRun;
}

/** The setting that an option makes; `values` has as many as the option takes. */
export function parseSetting(
  option: BriefOption,
  values: readonly Bytes[],
): Setting {
  const { name } = option;
  if (isFlag(name, option)) return { option: name };
  const first = valueAt(option, values, 0)!;
  const second = valueAt(option, values, 1)!;
  switch (name) {
    case "map":
    case "vol":
      return { option: name, mount: parseBind(name, first, second) };
    case "tmpfs":
      return { option: name, mount: parseEmpty(first, second) };
    case "hide":
    case "data":
      return { option: name, mount: parseInMemory(name, first, second) };
    case "env":
      return { option: name, change: setVariable(first, second) };
    case "unset-env":
      return { option: name, change: unsetVariable(first) };
    case "rootfs":
    case "output":
    case "output-dir":
      return { option: name, path: requireFilled(first) };
    case "cd":
    case "prefix":
      return { option: name, path: requireAbsolute(first, WITHOUT[name]) };
    case "keep-fd":
      return { option: name, descriptor: parseDescriptor(first) };
    case "net":
      return { option: name, network: parseNetwork(first) };
    case "proc":
      return { option: name, proc: parseProc(first) };
    case "hostname":
      return { option: name, hostname: parseHostname(first) };
    case "ulimit":
      return { option: name, limit: parseUlimit(first.value) };
    case "name":
      return { option: name, name: parseInstanceName(first) };
    case "dry-run":
      return { option: name, form: parseForm(first) };
    case "timeout":
      return { option: name, seconds: parseSeconds(first) };
    case "scratch":
      return { option: name, size: parseScratch(first) };
    case "jobs":
      return { option: name, jobs: parseJobs(first) };
    case "format":
      return { option: name, format: parseFormat(first) };
    case "mode":
      return { option: name, mode: parseInstallMode(first) };
    case "image":
    case "platform":
      return { option: name, value: parseImageWord(first) };
  }
}
