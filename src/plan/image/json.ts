/** JSON from an archive, taken apart with checks: what is of another kind than it should be is refused. */

import { bytesOf, quote } from "../bytes.ts";
import { refuseArchive } from "./refusal.ts";

/** A value with the name it is called by in messages. */
export interface Json {
  readonly called: string;
  readonly value: unknown;
}

export function parseJson(content: string, called: string): Json {
  try {
    return { called, value: JSON.parse(content) };
  } catch {
    throw refuseArchive(`${called} is not JSON`);
  }
}

function refuse({ called }: Json, kind: string): Error {
  return refuseArchive(`${called} is not ${kind}`);
}

/** Missing and null are the same in what tools write. */
export function field(json: Json, name: string): Json {
  const { called, value } = json;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw refuse(json, "an object");
  const inner = Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
  return { called: `${name} in ${called}`, value: inner ?? undefined };
}

/** The elements; none where there is no list at all. */
export function elements(json: Json): readonly Json[] {
  const { called, value } = json;
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw refuse(json, "a list");
  return value.map((element: unknown) => ({
    called: `an element of ${called}`,
    value: element,
  }));
}

/** A text without NUL, which no path, argument or variable can have. */
export function text(json: Json): string {
  const { value } = json;
  if (typeof value !== "string" || value.includes("\0"))
    throw refuse(json, "a text");
  return value;
}

export function optionalText(json: Json): string | null {
  return json.value === undefined ? null : text(json);
}

export function texts(json: Json): readonly string[] {
  return elements(json).map((element) => text(element));
}

/** A size in bytes, if there is one. */
export function optionalSize(json: Json): number | null {
  const { value } = json;
  if (value === undefined) return null;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0)
    return value;
  throw refuse(json, "a size");
}

/** A text of the archive's for a message. */
export function show(value: string): string {
  return quote(
    bytesOf(value.length > 200 ? `${value.slice(0, 200)}...` : value),
  );
}
