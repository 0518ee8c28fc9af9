/** `enter`: which instance, and what in it. */

import { quote, type Bytes } from "../plan/bytes.ts";
import type { EntryRequest } from "../plan/enter/entry-request.ts";
import { usageOf } from "./brief.ts";
import type { Invocation } from "./invocation.ts";
import { parseRequest } from "./parse-request.ts";
import type { Setting } from "./parse-setting.ts";
import { usageError } from "./usage-error.ts";

/** Its settings are among those of `run`, which wants a command. */
const ANY = ["sh" as Bytes];

export function parseEnter(
  settings: readonly Setting[],
  [instance, ...words]: readonly Bytes[],
): Extract<Invocation, { kind: "enter" }> {
  if (instance === undefined)
    throw usageError("Cannot enter: there is no INSTANCE", usageOf("enter"));
  const [first] = words;
  if (first !== "--" && first?.startsWith("-") === true)
    throw usageError(
      `Cannot use ${quote(first)} after INSTANCE: a COMMAND stands there`,
      `options stand before INSTANCE; ${usageOf("enter")}`,
    );
  const { workingDirectory, environment, keepDescriptors } = parseRequest(
    "run",
    settings,
    ANY,
  );
  const request: EntryRequest = {
    workingDirectory,
    environment,
    keepDescriptors,
    command: first === "--" ? words.slice(1) : words,
  };
  const dry = settings.find(({ option }) => option === "dry-run");
  const dryRun = dry?.option === "dry-run" ? dry.form : null;
  return { kind: "enter", request, instance, dryRun };
}
