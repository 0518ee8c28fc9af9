/**
 * The words of a command line, split into options, the command and the words
 * after it. Left to right, each word once; the first thing that is wrong is the
 * one that is reported. Options end at `--` or, for `run` and `build`, at the
 * COMMAND (for `enter` the INSTANCE before it): nothing after it is ours.
 */

import { quote, showBytes, type Bytes } from "../plan/bytes.ts";
import { SelfdockError } from "../plan/error.ts";
import { BRIEF, commandNames, USAGES } from "./brief.ts";
import type { CommandName } from "./commands.table.ts";
import type { BriefOption } from "./options.table.ts";
import { readOption } from "./parse-option.ts";
import { parseSetting, type Setting } from "./parse-setting.ts";
import { listRepeatable, UnknownWord, usageError } from "./usage-error.ts";

/** The first word that is no option, and all behind it, are the command's or name an instance. */
const OWN_WORDS: readonly CommandName[] = ["run", "build", "enter"];

export interface ParsedWords {
  /** Null where no command was named. */
  readonly command: CommandName | null;
  /** The second word of `bake`; null where there is none. */
  readonly baked: "run" | "build" | null;
  /** What has ended the reading, the last of the settings. */
  readonly asked: "help" | "version" | null;
  /** In the order given. */
  readonly settings: readonly Setting[];
  /** The words after the command (and its options); for `run` and `build` COMMAND and its own. */
  readonly operands: readonly Bytes[];
}

function findCommand(word: Bytes): CommandName {
  if (Object.hasOwn(USAGES, word)) return word as string as CommandName;
  const names = commandNames();
  throw new SelfdockError(
    "usage",
    `Cannot use ${quote(word)} as a command of selfdock: it must be ${names.slice(0, -1).join(", ")} or ${names.at(-1)}`,
    word === ""
      ? "selfdock --help"
      : `to run a program: selfdock run ${showBytes(word)}`,
    new UnknownWord(word, names),
  );
}

/** What is baked. */
function findAction(word: Bytes): "run" | "build" {
  const [run, build] = ["run", "build"] as const;
  if (word === run) return run;
  if (word === build) return build;
  throw usageError(
    `Cannot bake ${quote(word)}: what is baked is run or build with a COMMAND`,
    `selfdock bake -o FILE [OPTIONS] run ${showBytes(word)}`,
  );
}

function refuseSecond(
  settings: readonly Setting[],
  { name, repeatable }: BriefOption,
): void {
  if (repeatable) return;
  for (const { option } of settings)
    if (option === name)
      throw usageError(
        `Cannot use --${name} a second time: it may be given once`,
        `only ${listRepeatable(BRIEF)} may be repeated`,
      );
}

/** Splits the words of a line (without the name of the program). */
export function parseWords(words: readonly Bytes[]): ParsedWords {
  const settings: Setting[] = [];
  const operands: Bytes[] = [];
  let command: CommandName | null = null;
  let baked: "run" | "build" | null = null;
  let ended = false;
  let at = 0;
  for (let word = words[0]; word !== undefined; word = words[at]) {
    if (!ended && word === "--") {
      ended = true;
      at += 1;
    } else if (!ended && word.startsWith("-") && word !== "-") {
      const { option, values, length } = readOption(
        word,
        words.slice(at + 1, at + 3),
        command,
      );
      refuseSecond(settings, option);
      settings.push(parseSetting(option, values));
      at += length;
      const { name: asked } = option;
      if (asked !== "help" && asked !== "version") continue;
      return { command, baked, asked, settings, operands: words.slice(at) };
    } else if (command === null) {
      command = findCommand(word);
      at += 1;
    } else if (command === "bake" && baked === null) {
      baked = findAction(word);
      at += 1;
    } else if (OWN_WORDS.includes(command) || baked !== null) {
      const own = words.slice(at);
      return { command, baked, asked: null, settings, operands: own };
    } else {
      operands.push(word);
      at += 1;
    }
  }
  return { command, baked, asked: null, settings, operands };
}
