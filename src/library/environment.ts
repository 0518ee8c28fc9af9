/**
 * The variables of a command: this process's as they are now, with the changes
 * that were asked for. What is not UTF-8 is as the process got it, as long as
 * the program has not set it anew.
 */

import { readFileSync } from "node:fs";
import { bytesFrom, bytesOf } from "../plan/bytes.ts";
import type { Bytes } from "../plan/bytes.ts";
import { resolveEnvironment } from "../plan/environment.ts";
import type { EnvironmentChange } from "../plan/request.ts";

/** What the process was started with, by how it reads as text. */
let inherited: ReadonlyMap<string, Bytes> | null = null;

/** Where that cannot be read (a process that nobody may trace), the texts have to do. */
function readInherited(): ReadonlyMap<string, Bytes> {
  try {
    const text = bytesFrom(readFileSync("/proc/self/environ"));
    const entries = text.split("\0") as Bytes[];
    return new Map(
      entries.map((entry) => [Buffer.from(entry, "latin1").toString(), entry]),
    );
  } catch {
    return new Map();
  }
}

const results = new WeakMap<
  readonly EnvironmentChange[],
  { readonly key: string; readonly entries: readonly Bytes[] }
>();

/** Each as NAME=VALUE: the very same list as long as nothing has changed. */
export function commandEnvironment(
  changes: readonly EnvironmentChange[],
): readonly Bytes[] {
  // At every launch: this is the quickest way to see that nothing has changed.
  let key = "";
  for (const name in process.env) key += `${name}=${process.env[name]}\0`;
  const last = results.get(changes);
  if (last?.key === key) return last.entries;
  inherited ??= readInherited();
  const texts = Object.entries(process.env).map(
    ([name, value]) => `${name}=${value}`,
  );
  const own = texts.map((text) => inherited!.get(text) ?? bytesOf(text));
  const entries = resolveEnvironment(changes, own).entries.map((entry) =>
    entry.kind === "set" ? entry.text : own[entry.index]!,
  );
  results.set(changes, { key, entries });
  return entries;
}
