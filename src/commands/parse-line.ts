/**
 * The command line, words to Invocation. Strict and pure: what is not
 * understood is an error, never a guess, and the host is not looked at. On the
 * way of every start, so it loads nothing that only help and errors need.
 *
 * Security: the words are the user's and so is the result. Nothing is refused
 * here to protect the host (the planner and the kernel do that), except that a
 * tmpfs is always bounded and an installed program never writable by others.
 */

import { quote, type Bytes } from "../plan/bytes.ts";
import { SelfdockError } from "../plan/error.ts";
import { commandNames, usageOf } from "./brief.ts";
import type { CommandName } from "./commands.table.ts";
import {
  DEFAULT_INSTALL_MODE,
  DEFAULT_PREFIX,
  DEFAULT_STOP_SECONDS,
  GENERATED,
  GUIDE_NAMES,
  type HelpTopic,
  type Invocation,
} from "./invocation.ts";
import { parseBatch } from "./parse-batch.ts";
import { parseEnter } from "./parse-enter.ts";
import { parseImport } from "./parse-import.ts";
import { parseRequest } from "./parse-request.ts";
import type { Setting } from "./parse-setting.ts";
import { parseWords } from "./parse-words.ts";
import { refuseForeign } from "./refuse-foreign.ts";
import { UnknownWord, usageError } from "./usage-error.ts";

function topics(): readonly HelpTopic[] {
  const commands = commandNames().filter((name) => name !== "help");
  return ["selfdock", ...commands, ...GUIDE_NAMES, ...GENERATED];
}

function findTopic(word: Bytes | undefined): HelpTopic | undefined {
  return topics().find((name) => name === word);
}

function requireNone(command: CommandName, operands: readonly Bytes[]): void {
  const [first] = operands;
  if (first === undefined) return;
  throw usageError(
    `Cannot use ${quote(first)} with ${command}: there is nothing to take it`,
    usageOf(command),
  );
}

function requireSome(command: CommandName, operands: readonly Bytes[]): void {
  if (operands.length > 0) return;
  throw usageError(`Cannot ${command}: there is no INSTANCE`, usageOf(command));
}

function parseTopic(operands: readonly Bytes[]): HelpTopic {
  requireNone("help", operands.slice(1));
  const [word] = operands;
  if (word === undefined || word === "help") return "selfdock";
  const topic = findTopic(word);
  if (topic !== undefined) return topic;
  throw new SelfdockError(
    "usage",
    `Cannot find help on ${quote(word)}: there is no such topic`,
    `the topics are ${topics().join(", ")}`,
    new UnknownWord(word, topics()),
  );
}

/** The setting of an option that may be given once. */
function find<K extends Setting["option"]>(
  settings: readonly Setting[],
  option: K,
): Extract<Setting, { option: K }> | undefined {
  for (const setting of settings)
    if (setting.option === option)
      return setting as Extract<Setting, { option: K }>;
  return undefined;
}

/** The one operand that a command takes. */
function parseOnly(
  command: CommandName,
  called: string,
  [operand, ...more]: readonly Bytes[],
): Bytes {
  requireNone(command, more);
  if (operand !== undefined) return operand;
  throw usageError(
    `Cannot ${command}: there is no ${called}`,
    usageOf(command),
  );
}

function parseLaunch(
  action: "run" | "build",
  settings: readonly Setting[],
  operands: readonly Bytes[],
): Omit<Extract<Invocation, { kind: "launch" }>, "kind"> {
  return {
    request: parseRequest(action, settings, operands),
    dryRun: find(settings, "dry-run")?.form ?? null,
    name: find(settings, "name")?.name ?? null,
  };
}

function parseBake(
  action: "run" | "build" | null,
  settings: readonly Setting[],
  operands: readonly Bytes[],
): Invocation {
  const file = find(settings, "output")?.path;
  if (file === undefined)
    throw usageError("Cannot bake: there is no -o FILE", usageOf("bake"));
  if (action === null)
    throw usageError("Cannot bake: there is no run or build", usageOf("bake"));
  return { kind: "bake", file, ...parseLaunch(action, settings, operands) };
}

function parseInstallation(
  command: "install" | "uninstall",
  settings: readonly Setting[],
): Invocation {
  const prefix = find(settings, "prefix")?.path ?? DEFAULT_PREFIX;
  if (command === "uninstall") return { kind: command, prefix };
  const mode = find(settings, "mode")?.mode ?? DEFAULT_INSTALL_MODE;
  return { kind: command, prefix, mode };
}

/** Reads the words of a line, without the name of the program. */
export function parseLine(words: readonly Bytes[]): Invocation {
  const { command, baked, asked, settings, operands } = parseWords(words);
  if (asked === "version") return { kind: "version" };
  if (asked === "help") {
    const topic = command ?? findTopic(operands[0]) ?? "help";
    return { kind: "help", topic: topic === "help" ? "selfdock" : topic };
  }
  if (command === null) {
    throw usageError(
      "Cannot start: there is no command",
      "usage: selfdock [OPTIONS] run|build [OPTIONS] COMMAND [ARG...]; all else: selfdock --help",
    );
  }
  refuseForeign(command, settings);
  switch (command) {
    case "run":
    case "build":
      return { kind: "launch", ...parseLaunch(command, settings, operands) };
    case "bake":
      return parseBake(baked, settings, operands);
    case "explain":
      return {
        kind: command,
        what: parseOnly(command, "INSTANCE or FILE", operands),
        json: find(settings, "json") !== undefined,
      };
    case "batch":
      return { kind: command, batch: parseBatch(settings, operands) };
    case "enter":
      return parseEnter(settings, operands);
    case "ps":
    case "doctor":
      requireNone(command, operands);
      return { kind: command, json: find(settings, "json") !== undefined };
    case "stop":
      requireSome(command, operands);
      return {
        kind: command,
        instances: operands,
        seconds: find(settings, "timeout")?.seconds ?? DEFAULT_STOP_SECONDS,
      };
    case "import":
      return { kind: "import", request: parseImport(settings, operands) };
    case "help":
      return { kind: "help", topic: parseTopic(operands) };
    case "install":
    case "uninstall":
      requireNone(command, operands);
      return parseInstallation(command, settings);
  }
}
