/** The target's environment: the caller's, byte for byte, with the changes asked for. */

import type { Bytes } from "./bytes.ts";
import type { EnvironmentChange } from "./request.ts";

/** A variable of the caller's by its index, or a new text `NAME=VALUE`. */
export type EnvironmentEntry =
  | { readonly kind: "kept"; readonly index: number }
  | { readonly kind: "set"; readonly text: Bytes };

export interface Environment {
  readonly changed: boolean;
  readonly entries: readonly EnvironmentEntry[];
}

/** Applies the changes in order. A name that is set or unset loses every earlier entry. */
export function resolveEnvironment(
  changes: readonly EnvironmentChange[],
  caller: readonly Bytes[],
): Environment {
  const last = new Map(changes.map((change) => [change.name, change]));
  const kept = caller.flatMap((variable, index) =>
    last.has(nameOf(variable)) ? [] : [{ kind: "kept" as const, index }],
  );
  const added = [...last.values()].flatMap((change) =>
    change.kind === "set"
      ? [
          {
            kind: "set" as const,
            text: `${change.name}=${change.value}` as Bytes,
          },
        ]
      : [],
  );
  return { changed: changes.length > 0, entries: [...kept, ...added] };
}

/** What stands before the first `=`; all of an entry without one. */
function nameOf(variable: Bytes): Bytes {
  const end = variable.indexOf("=");
  return (end < 0 ? variable : variable.slice(0, end)) as Bytes;
}
