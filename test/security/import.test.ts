/** Archives of strangers: nothing outside of the new directory, a clear message, and nothing left. */

import { expect } from "bun:test";
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { forEachMode } from "../harness/modes.ts";
import { makeRoom } from "../harness/room.ts";
import { treeState } from "../harness/tree-state.ts";
import { HOSTILE } from "./hostile-archives.table.ts";

const LEFT_OUT = /^selfdock: warning: left out: [^\n]+\n/gm;

forEachMode((mode) => {
  for (const { name, make, refused } of HOSTILE)
    mode.rule(name, async () => {
      const room = makeRoom({ victim: { secret: "secret" }, here: {} });
      const [victim, here] = [join(room, "victim"), join(room, "here")];
      const before = await treeState(victim);
      const { status, stderr } = await mode.run(["import", "new"], {
        cwd: here,
        stdin: make(victim),
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
      } else {
        const said = stderr.replaceAll(LEFT_OUT, "");
        expect({ status, said }).toEqual({ status: 0, said: "" });
        expect(left.join(" ")).toMatch(/^new( new\.image\.json)?$/);
        expect(dangerousFiles(join(here, "new"))).toEqual([]);
      }
    });
});

/** Files with a setuid or setgid bit, and device nodes. */
function dangerousFiles(root: string): readonly string[] {
  const names = readdirSync(root, { recursive: true }) as string[];
  return names.filter((name) => {
    const status = lstatSync(join(root, name));
    return (
      (status.mode & 0o6000) !== 0 ||
      status.isCharacterDevice() ||
      status.isBlockDevice()
    );
  });
}
