/** What a tree looks like from the host: two equal states mean that nothing was written. */

import { expect } from "bun:test";
import { runOutside } from "./run.ts";

/** Everything that `stat` can tell of a tree on the host but its times of access. */
export async function treeState(root: string): Promise<string> {
  const result = await runOutside(
    [
      "/usr/bin/find",
      root,
      "-xdev",
      "-printf",
      "%p %y %m %U %G %s %T@ %C@ %l\n",
    ],
    { user: 0 },
  );
  expect(result.status).toBe(0);
  return result.stdout;
}
