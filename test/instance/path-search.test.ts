/** How a command is found: as execvp(3) finds it, inside, with the command's own PATH. */

import { expect } from "bun:test";
import { join } from "node:path";
import { forEachMode } from "../harness/modes.ts";
import { entry, makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";

/** A script that says where it lies. */
const script = (name: string, mode = 0o755) =>
  entry({ mode, text: `#!/bin/sh\necho ${name} "$0"\n` });

forEachMode((mode) => {
  const room = () =>
    makeRoom({
      a: { found: script("a"), closed: script("a", 0o644) },
      b: { found: script("b"), closed: script("b"), late: script("b") },
      here: {
        found: script("here"),
        plain: entry({ mode: 0o755, text: "echo plain $#\n" }),
      },
    });

  /** Runs `found` with that PATH, `%` being the room, or without one. */
  const search = async (
    path: string | null,
    command: readonly string[],
  ): Promise<string> => {
    const place = room();
    const env = path === null ? [] : [`PATH=${path.replaceAll("%", place)}`];
    const result = await runOutside(
      [mode.program(), "-v", place, ".", "run", ...command],
      { env, cwd: join(place, "here") },
    );
    return `${result.status} ${result.stdout.replaceAll(place, "%")}`;
  };

  const CASES: readonly (readonly [string, string | null, string[], string])[] =
    [
      ["the first directory wins", "%/a:%/b", ["found"], "0 a %/a/found\n"],
      ["a later one is reached", "%/a:%/b", ["late"], "0 b %/b/late\n"],
      [
        "a missing one is passed over",
        "/none:%/b",
        ["found"],
        "0 b %/b/found\n",
      ],
      [
        "a file in its place too",
        "/etc/passwd:%/b",
        ["found"],
        "0 b %/b/found\n",
      ],
      [
        "what may not be executed is passed over",
        "%/a:%/b",
        ["closed"],
        "0 b %/b/closed\n",
      ],
      ["and decides if nothing else is found", "%/a:/none", ["closed"], "126 "],
      [
        "an empty one is the working directory",
        "/none:",
        ["found"],
        "0 here found\n",
      ],
      ["an empty PATH too", "", ["found"], "0 here found\n"],
      [
        "one that is too long is passed over",
        `${"/x".repeat(3000)}:%/b`,
        ["found"],
        "0 b %/b/found\n",
      ],
      [
        "without PATH it is /bin and /usr/bin",
        null,
        ["sh", "-c", "echo sh"],
        "0 sh\n",
      ],
      ["a path is not searched for", "%/a", ["./found"], "0 here ./found\n"],
      ["a name of 255 bytes is looked for", "%/a", ["x".repeat(255)], "127 "],
      ["a longer one cannot be", "%/a", ["x".repeat(256)], "126 "],
      [
        "a script without #! runs under /bin/sh with its arguments",
        "%/here",
        ["plain", "1", "2"],
        "0 plain 2\n",
      ],
    ];
  for (const [name, path, command, expected] of CASES) {
    mode.rule(name, async () => {
      expect(await search(path, command)).toBe(expected);
    });
  }
});
