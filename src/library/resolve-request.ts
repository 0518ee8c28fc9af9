/**
 * Options of a program to the one Request, through the parser of the command
 * line: so the same is refused, with the same words. Pure.
 */

import { OPTIONS } from "../commands/options.table.ts";
import type { Option, OptionName } from "../commands/options.table.ts";
import { parseRequest } from "../commands/parse-request.ts";
import { refuseForeign } from "../commands/refuse-foreign.ts";
import { parseSetting } from "../commands/parse-setting.ts";
import type { Setting } from "../commands/parse-setting.ts";
import { usageError } from "../commands/usage-error.ts";
import type { Bytes } from "../plan/bytes.ts";
import { imageCommand } from "../plan/image/image-config.ts";
import type { ImageConfig } from "../plan/image/image-config.ts";
import type { Request } from "../plan/request.ts";
import { MOST_KEPT } from "../plan/spawner/spawner-memory.ts";
import type { Command, Limit, Options } from "../selfdock.d.ts";
import { checkContents, resolveData } from "./resolve-data.ts";
import { bytesOfText } from "./text.ts";

type Words = readonly (readonly unknown[])[];

/** The option of the command line that each one is, and its values, once for each time it is given. */
const ROWS: {
  readonly [K in keyof Required<Options>]: readonly [
    OptionName | null,
    (value: NonNullable<Options[K]>) => Words,
  ];
} = {
  action: [null, () => []],
  rootfs: ["rootfs", (path) => [[path]]],
  map: ["map", (pairs) => pairs],
  vol: ["vol", (pairs) => pairs],
  tmpfs: ["tmpfs", (pairs) => pairs],
  hide: ["hide", (paths) => paths.map((path) => [path])],
  data: ["data", (pairs) => pairs],
  cd: ["cd", (path) => [[path]]],
  env: ["env", (variables) => Object.entries(variables).filter(isGiven)],
  unsetEnv: ["unset-env", (names) => names.map((name) => [name])],
  net: ["net", (value) => [[value]]],
  proc: ["proc", (value) => [[value]]],
  hostname: ["hostname", (name) => [[name]]],
  ulimit: ["ulimit", (limits) => Object.entries(limits).map(limitWord)],
  keepFd: ["keep-fd", (numbers) => numbers.map((number) => [String(number)])],
  init: ["init", whether],
  scratch: [
    "scratch",
    (size) => (size === true ? [[]] : size === false ? [] : [[String(size)]]),
  ],
  asRoot: ["as-root", whether],
  imageConfig: ["image-config", whether],
  name: ["name", (name) => [[name]]],
};

const NAMES = Object.keys(ROWS) as readonly (keyof Options)[];

function whether(value: boolean): Words {
  return value ? [[]] : [];
}

/** As in `{ ...process.env }`, whose variables may all be missing. */
function isGiven([, value]: readonly [string, unknown]): boolean {
  return value !== undefined;
}

function limitWord([name, value]: [
  string,
  Limit | readonly [Limit, Limit],
]): readonly [string] {
  const both = Array.isArray(value) ? value.join(":") : String(value);
  return [`${name}=${both}`];
}

/** The settings of the options, in the order in which they were written. */
function settingsOf(options: Options): readonly Setting[] {
  return Object.entries(options).flatMap(([key, value]) => {
    const name = NAMES.find((each) => each === key);
    if (name === undefined)
      throw usageError(
        `Cannot use option "${key}": there is no such option`,
        `the options are ${NAMES.join(", ")}`,
      );
    const [optionName, words] = ROWS[name];
    const option = OPTIONS.find((each: Option) => each.name === optionName);
    if (option === undefined || value === undefined) return [];
    const parse = name === "data" ? resolveData : parseValues;
    return wordsOf(name, words as (value: unknown) => Words, value).map(
      (values) => parse(option, values),
    );
  });
}

function parseValues(option: Option, values: readonly unknown[]): Setting {
  const called =
    "optional" in option ? values.map(() => option.optional) : option.values;
  return parseSetting(
    option,
    called.map((name, at) =>
      bytesOfText(values[at], `${name} of --${option.name}`),
    ),
  );
}

/** A value of another shape than its type says comes from plain JavaScript. */
function wordsOf(
  name: string,
  words: (value: unknown) => Words,
  value: unknown,
): Words {
  try {
    return words(value).map((each) => [...each]);
  } catch (cause) {
    const error = usageError(
      `Cannot use option "${name}": its value has another shape`,
      "see the types of the package",
    );
    error.cause = cause;
    throw error;
  }
}

/** What an instance is, and what it is called. */
export interface Wanted {
  readonly request: Request;
  readonly name: Bytes | null;
}

/** For any command: its words are given at each launch. */
export function resolveRequest(options: Options): Wanted {
  const action = options.action ?? "run";
  if (action !== "run" && action !== "build")
    throw usageError(
      `Cannot use option "action": it must be run or build`,
      `action: "run"`,
    );
  const settings = settingsOf(options);
  refuseForeign(action, settings);
  const request = parseRequest(action, settings, ["COMMAND" as Bytes]);
  checkContents(request.mounts);
  checkKept(request.keepDescriptors.length);
  const name = settings.find((setting) => setting.option === "name");
  return {
    request: { ...request, rootless: true },
    name: name?.name ?? null,
  };
}

function checkKept(count: number): void {
  if (count > MOST_KEPT)
    throw usageError(
      `Cannot keep ${count} descriptors: an instance of the library takes ${MOST_KEPT} at most`,
      "through a socket among them others can be sent",
    );
}

/** The words of a command; an image may have some of its own. */
export function resolveCommand(
  command: Command,
  image: ImageConfig | null,
): readonly Bytes[] {
  if (!Array.isArray(command) || (command.length === 0 && image === null))
    throw usageError(
      "Cannot run: there is no COMMAND",
      'a command is an array of words: ["ls", "-l"]',
    );
  const words = (command as Command).map((word) => bytesOfText(word, "a word"));
  return image === null ? words : imageCommand(words, image);
}
