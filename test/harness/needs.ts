/**
 * A test that this host cannot run is skipped with its reason in its name, and
 * counted; in CI a skip is a failure, since a gate that skips guards nothing.
 */

import { test } from "bun:test";
import { endAll } from "./run.ts";

/** For one test, milliseconds. What hangs is ended long before, by the timeout of its start. */
const PATIENCE = process.env["SELFDOCK_SOAK"] === "1" ? 3_600_000 : 120_000;

/** What a test may need of its host. */
export type Need = "root" | `program:${string}`;

function missing(need: Need): string | null {
  if (need === "root") return process.getuid!() === 0 ? null : "needs root";
  const name = need.slice("program:".length);
  return Bun.which(name) === null ? `needs the program ${name}` : null;
}

/** A test named by the rule that it defends, with what it needs besides. */
export function rule(
  name: string,
  needs: readonly Need[],
  body: () => Promise<void>,
): void {
  const reasons = needs.map(missing).filter((reason) => reason !== null);
  if (reasons.length === 0) {
    test(
      name,
      async () => {
        try {
          await body();
        } finally {
          await endAll();
        }
      },
      PATIENCE,
    );
  } else if (process.env["CI"]) {
    test(name, () => {
      throw new Error(`Skipped, and this is CI: ${reasons.join(", ")}`);
    });
  } else {
    test.skip(`${name} (${reasons.join(", ")})`, body);
  }
}
