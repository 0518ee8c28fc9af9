/** Docker joins what selfdock takes as two words: hints for those who come from there. */

import { showBytes, type Bytes } from "../plan/bytes.ts";
import type { OptionName } from "./options.table.ts";

/** A word as a shell takes it. */
export function showWord(word: string): string {
  const shown = showBytes(word as Bytes);
  return /^[\w./:=@%+,-]+$/.test(shown)
    ? shown
    : `'${shown.replaceAll("'", "'\\''")}'`;
}

/** `A:B`, `A:B:ro`: the two words that were meant, or null. */
export function dockerBindHint(
  option: "map" | "vol",
  source: Bytes,
): string | null {
  const [from, to, flags, ...rest] = source.split(":");
  if (!from || !to?.startsWith("/") || rest.length > 0) return null;
  const readOnly = flags?.split(",").includes("ro") ?? option === "map";
  const words = [readOnly ? "-m" : "-v", showWord(from), showWord(to)];
  return `SRC and DST are two words: ${words.join(" ")}`;
}

/** `A=B`: the two words that were meant, or null. */
export function dockerEnvHint(name: Bytes): string | null {
  const equals = name.indexOf("=");
  if (equals < 1) return null;
  const words = [
    "-e",
    showWord(name.slice(0, equals)),
    showWord(name.slice(equals + 1)),
  ];
  return `NAME and VALUE are two words: ${words.join(" ")}`;
}

/** A path where OPT belongs: what was meant, or null. */
export function dockerTmpfsHint(options: Bytes): string | null {
  const [path = "", words = ""] = options.split(":");
  if (!path.startsWith("/")) return null;
  return `OPT comes first and may be empty: -t ${showWord(words)} ${showWord(path)}`;
}

/** What the first value of an option gives away when the second is wrong or missing. */
export function dockerHint(option: OptionName, first: Bytes): string | null {
  if (option === "map" || option === "vol")
    return dockerBindHint(option, first);
  if (option === "env") return dockerEnvHint(first);
  return option === "tmpfs" ? dockerTmpfsHint(first) : null;
}
