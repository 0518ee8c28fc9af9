/** A rule for each kind of launch in each mode, and a row of a table from each. */

import { afterAll, expect } from "bun:test";
import { rule } from "../harness/needs.ts";
import { leavesNothing } from "./host-state.ts";
import { KIND_NAMES, makeKind, takes, type Kind } from "./kinds.ts";
import { withEntry } from "./entry.ts";
import { MODES, newLogin, type Login, type ModeName } from "./logins.ts";
import { SEED, SOAK } from "./soak.ts";

/** How the rules are called. */
interface Titles {
  readonly title: string;
  /** What heads the table. */
  readonly table: string;
  readonly entering?: ((mode: ModeName) => Promise<string>) | null;
}

/** What became of one launch after another, counted, and what must not have been. */
export interface Finding {
  readonly row: Readonly<Record<string, number>>;
  readonly breaches: readonly string[];
}

/**
 * Declares the rules; the host is then as it was before. `entering`: the program
 * of a mode, if what enters is to be among the launches; its login is given then.
 */
export function forEachLaunch(
  { title, table, entering = null }: Titles,
  body: (kind: Kind, mode: ModeName, login?: Login) => Promise<Finding>,
): void {
  const rows: (readonly [string, Finding])[] = [];
  for (const mode of MODES) {
    for (const name of KIND_NAMES.filter((each) => takes(each, mode))) {
      rule(`${mode}: ${name}: ${title}`, ["root"], () =>
        leavesNothing(async () => {
          const finding = await body(await makeKind(name), mode);
          rows.push([`${name}, ${mode}`, finding]);
          expect(finding.breaches).toEqual([]);
        }),
      );
    }
    if (entering === null) continue;
    rule(`${mode}: enter: ${title}`, ["root"], () =>
      leavesNothing(async () => {
        const login = newLogin(mode);
        await withEntry(await entering(mode), login, async (kind) => {
          const finding = await body(kind, mode, login);
          rows.push([`enter, ${mode}`, finding]);
          expect(finding.breaches).toEqual([]);
        });
      }),
    );
  }
  afterAll(() => printTable(table, rows));
}

function printTable(
  title: string,
  rows: readonly (readonly [name: string, finding: Finding])[],
): void {
  const share = SOAK ? "all of them" : `a part, SELFDOCK_SEED=${SEED}`;
  console.log(`\n${title} (${share})`);
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, { row, breaches }] of rows) {
    const counts = Object.entries({ ...row, breaches: breaches.length });
    const cells = counts.map(
      ([what, count]) => `${String(count).padStart(5)} ${what}`,
    );
    console.log(`  ${name.padEnd(width)}${cells.join("")}`);
  }
}
