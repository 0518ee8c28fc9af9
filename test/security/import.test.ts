/** Archives of strangers: nothing outside of the new directory, a clear message, and nothing left. */

import { describe, expect } from "bun:test";
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { rootless } from "../harness/modes.ts";
import { makeRoom } from "../harness/room.ts";
import { subordinateHost } from "../harness/subordinate.ts";
import { treeState } from "../harness/tree-state.ts";
import { attack, type Way } from "./ring.ts";
import { HOSTILE, type HostileArchive } from "./hostile-archives.table.ts";

const LEFT_OUT = /^selfdock: warning: left out: [^\n]+\n/gm;

/** Set-id files and device nodes. */
function dangerousFiles(root: string): readonly string[] {
  const names = readdirSync(root, { recursive: true }) as string[];
  return names.filter((name) => {
    const status = lstatSync(join(root, name));
    const setId = status.isFile() && (status.mode & 0o6000) !== 0;
    return setId || status.isCharacterDevice() || status.isBlockDevice();
  });
}

async function holds(
  { run }: Pick<Way, "run">,
  options: readonly string[],
  { make, refused }: HostileArchive,
): Promise<void> {
  const room = makeRoom({ victim: { secret: "secret" }, here: {} });
  const [victim, here] = [join(room, "victim"), join(room, "here")];
  const before = await treeState(victim);
  const { status, stderr } = await run(["import", ...options, "new"], {
    cwd: here,
    stdin: make(victim),
    before: options.length === 0 ? [] : subordinateHost(),
  });
  expect(await treeState(victim)).toBe(before);
  expect(readdirSync(room).toSorted()).toEqual(["here", "victim"]);
  const left = readdirSync(here).toSorted();
  if (refused !== null) {
    expect(stderr).toMatch(refused);
    expect(stderr).toMatch(
      /^selfdock: Cannot import: [^\n]+\n(selfdock: hint: [^\n]+\n)?$/,
    );
    expect(status).toBe(124);
    expect(left).toEqual([]);
    return;
  }
  const said = stderr.replaceAll(LEFT_OUT, "");
  expect({ status, said }).toEqual({ status: 0, said: "" });
  expect(left.join(" ")).toMatch(/^new( new\.image\.json)?$/);
  expect(dangerousFiles(join(here, "new"))).toEqual([]);
}

for (const archive of HOSTILE)
  attack("A75", archive.name, (way) => holds(way, [], archive));

describe("--as-root", () => {
  for (const archive of HOSTILE)
    rootless.rule(archive.name, () => holds(rootless, ["--as-root"], archive));
});
