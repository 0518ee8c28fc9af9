/**
 * Random command lines: the parser gets all of them in this process, the shipped
 * program a share, in turn in each mode of an ordinary user. What may be executed is told from the
 * line alone: COMMAND is the words behind `run` or `build`, so it is the line's end.
 */

import { expect } from "bun:test";
import { join } from "node:path";
import * as fc from "fast-check";
import { OPTIONS } from "../../src/commands/options.table.ts";
import { parseLine } from "../../src/commands/parse-line.ts";
import type { Bytes } from "../../src/plan/bytes.ts";
import { SelfdockError } from "../../src/plan/error.ts";
import { rule } from "../harness/needs.ts";
import { makeRoom } from "../harness/room.ts";
import { runOutside, type Result } from "../harness/run.ts";
import { leavesNothing } from "./host-state.ts";
import { newLogin, programOf } from "./logins.ts";
import { SEED, SOAK } from "./soak.ts";

const LINES = SOAK ? 100_000 : 2000;
/** Every so many lines go to the program as well. */
const SHARE = 10;
const LANES = 4;
const MODES = ["rootless", "setuid"] as const;
const DOCUMENTED = [0, 124, 126, 127];

const bytes = fc
  .array(fc.integer({ min: 1, max: 255 }), { maxLength: 12 })
  .map((codes) => String.fromCharCode(...codes));

/** Lines of words that mean something, and some that nearly do; ECHO is what writes its words. */
function lineOf(echo: string): fc.Arbitrary<readonly string[]> {
  const known = fc.constantFrom(
    ...OPTIONS.flatMap(({ name, short }) => [`--${name}`, `-${short}`, name]),
    ..."run run run build help version -- - . / /a /a:/b A=B A 3 none".split(
      " ",
    ),
    ..."host 0755 size=4K size=1,mode=7 -vx --help --version".split(" "),
  );
  const pair = (other: fc.Arbitrary<string>, by: string) =>
    fc.tuple(known, other).map((parts) => parts.join(by));
  const word = fc.oneof(
    { weight: 8, arbitrary: known },
    { weight: 4, arbitrary: fc.constant(echo) },
    { weight: 1, arbitrary: bytes },
    { weight: 1, arbitrary: pair(bytes, "") },
    { weight: 1, arbitrary: pair(known, "=") },
  );
  const valid = fc
    .array(word, { maxLength: 4 })
    .map((rest) => ["run", echo, ...rest]);
  return fc.oneof(
    { weight: 6, arbitrary: fc.array(word, { maxLength: 12 }) },
    { weight: 2, arbitrary: fc.array(bytes, { maxLength: 8 }) },
    { weight: 2, arbitrary: valid },
  );
}

/** Does it ask for an instance? What the parser throws must be its own error. */
function asks(line: readonly string[]): "launch" | "other" | "nothing" {
  try {
    const { kind } = parseLine(line as readonly Bytes[]);
    return kind === "launch" ? "launch" : "other";
  } catch (error) {
    if (!(error instanceof SelfdockError) || error.code !== "usage")
      throw error;
    return "nothing";
  }
}

function commandOf(line: readonly string[]): string | undefined {
  const parsed = parseLine(line as readonly Bytes[]);
  return parsed.kind === "launch" ? parsed.request.command[0] : undefined;
}

/** Why what came of the line must not be; null if it may. */
function judgeLine(
  line: readonly string[],
  result: Result,
  echo: string,
): string | null {
  const { status, stderr, stdoutBytes } = result;
  const asked = asks(line);
  // A word may be the name of a real command, whose status is its own.
  const isOwn = asked !== "launch" || stderr.startsWith("selfdock: ");
  if (isOwn && !DOCUMENTED.includes(status!)) return `status ${status}`;
  if (/^ +at |\.ts:\d|Error:|panic/m.test(stderr)) return `trace: ${stderr}`;
  if (asked === "nothing") {
    const refused = /^selfdock: [^\n]*\n(selfdock: hint: [^\n]*\n)*$/.test(
      stderr,
    );
    const quiet = stdoutBytes.length === 0 && status === 124 && refused;
    return quiet ? null : `an invalid line: ${status} ${stderr}`;
  }
  if (
    asked === "other" ||
    !stdoutBytes.toString("latin1").startsWith("RAN\0")
  ) {
    const silent = asked === "other" || line.includes("--dry-run");
    // Another word may name a real command: `env` is one.
    const isEcho = asked === "launch" && commandOf(line) === echo;
    return status === 0 && !silent && isEcho ? "nothing ran" : null;
  }
  const ran = stdoutBytes.toString("latin1").split("\0").slice(1, -1);
  const end = line.slice(line.length - ran.length);
  const before = line.slice(0, line.length - ran.length);
  const isEnd = ran.join("\0") === end.join("\0");
  return isEnd && (before.includes("run") || before.includes("build"))
    ? null
    : `executed ${JSON.stringify(ran)}`;
}

rule(
  `${LINES} random lines: no trace, no other status, nothing executed that was not asked for`,
  ["root"],
  () =>
    leavesNothing(async () => {
      const echo = makeEcho();
      const runs = { seed: SEED, numRuns: LINES };
      const lines = fc.sample(lineOf(echo), runs);
      const counts = { launch: 0, other: 0, nothing: 0 };
      for (const line of lines) counts[asks(line)] += 1;
      const started = lines.filter((_, index) => index % SHARE === 0);
      const breaches: string[] = [];
      let next = 0;
      const lane = async () => {
        while (next < started.length) {
          const line = started[next]!;
          const mode = MODES[next % MODES.length]!;
          next += 1;
          const words = line.map((word) => Buffer.from(word, "latin1"));
          const command = [programOf(mode), ...words];
          const why = judgeLine(
            line,
            await runOutside(command, newLogin(mode)),
            echo,
          );
          if (why !== null)
            breaches.push(`${mode} ${JSON.stringify(line)}: ${why}`);
        }
      };
      await Promise.all(Array.from({ length: LANES }, lane));
      console.log(
        `random command lines, SELFDOCK_SEED=${SEED}: ${lines.length} parsed, ${counts.nothing} of them invalid and ${counts.launch} for an instance; ${started.length} given to the program, ${breaches.length} breaches`,
      );
      expect(counts.launch).toBeGreaterThan(LINES / 20);
      expect(breaches).toEqual([]);
    }),
);

/** A program that writes RAN and then its words, each with a NUL behind it. */
function makeEcho(): string {
  const script = String.raw`#!/bin/sh
printf 'RAN\0'
printf '%s\0' "$0" "$@"
`;
  return join(makeRoom({ echo: script }), "echo");
}
