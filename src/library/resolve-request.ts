/**
 * Options of a program to the one Request, through the parser of the command
 * line: so the same is refused, with the same words. Pure.
 */

import { OPTIONS } from "../commands/options.table.ts";
import type { Option, OptionName } from "../commands/options.table.ts";
import { parseRequest } from "../commands/parse-request.ts";
import { parseSetting } from "../commands/parse-setting.ts";
import type { Setting } from "../commands/parse-setting.ts";
import { usageError } from "../commands/usage-error.ts";
import type { Bytes } from "../plan/bytes.ts";
import type { Request } from "../plan/request.ts";
import type { Command, Limit, Options } from "../selfdock.d.ts";
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
  cd: ["cd", (path) => [[path]]],
  env: ["env", (variables) => Object.entries(variables)],
  unsetEnv: ["unset-env", (names) => names.map((name) => [name])],
  net: ["net", (value) => [[value]]],
  proc: ["proc", (value) => [[value]]],
  hostname: ["hostname", (name) => [[name]]],
  ulimit: ["ulimit", (limits) => Object.entries(limits).map(limitWord)],
  init: ["init", (value) => (value ? [[]] : [])],
};

const NAMES = Object.keys(ROWS) as readonly (keyof Options)[];

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
    return wordsOf(name, words as (value: unknown) => Words, value).map(
      (values) =>
        parseSetting(
          option,
          option.values.map((called, at) =>
            bytesOfText(values[at], `${called} of ${name}`),
          ),
        ),
    );
  });
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

/** The request for any command: its words are given at each launch. */
export function resolveRequest(options: Options): Request {
  const action = options.action ?? "run";
  if (action !== "run" && action !== "build")
    throw usageError(
      `Cannot use option "action": it must be run or build`,
      `action: "run"`,
    );
  return {
    ...parseRequest(action, settingsOf(options), ["COMMAND" as Bytes]),
    rootless: true,
  };
}

/** The words of a command. */
export function resolveCommand(command: Command): readonly Bytes[] {
  if (!Array.isArray(command) || command.length === 0)
    throw usageError(
      "Cannot run: there is no COMMAND",
      'a command is an array of words: ["ls", "-l"]',
    );
  return (command as Command).map((word) => bytesOfText(word, "a word"));
}
