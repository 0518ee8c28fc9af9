/** Whatever the line: an Invocation or a SelfdockError, in linear time. */

import { expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Bytes } from "../../../src/plan/bytes.ts";
import { SelfdockError } from "../../../src/plan/error.ts";
import type { Invocation } from "../../../src/commands/invocation.ts";
import { renderError, renderLine } from "../../../src/commands/messages.ts";
import { OPTIONS, type Option } from "../../../src/commands/options.table.ts";
import { parseLine } from "../../../src/commands/parse-line.ts";
import { renderWords } from "../../../src/commands/render-words.ts";
import { suggest } from "../../../src/commands/suggest.ts";

const seed = Number(
  process.env["SELFDOCK_SEED"] ?? Math.floor(Math.random() * 2 ** 31),
);
const numRuns = Number(process.env["SELFDOCK_RUNS"] ?? 2000);
// fast-check tells the seed of a failure too; this is for a run that dies.
console.log(`SELFDOCK_SEED=${seed} SELFDOCK_RUNS=${numRuns}`);
const counts = { seed, numRuns };

/** Any bytes but NUL, which no argument can hold. */
const bytes = fc
  .array(fc.integer({ min: 1, max: 255 }), { maxLength: 12 })
  .map((codes) => String.fromCharCode(...codes) as Bytes);

/** Words that mean something somewhere, and some that nearly do. */
const known = fc.constantFrom(
  "",
  ...OPTIONS.flatMap(({ name, short }: Option) => [
    `--${name}`,
    `--${name}=`,
    `-${short}`,
    name,
  ]),
  ..."run build bake explain ps stop doctor import install uninstall help -- - . / /a /a:/b true".split(
    " ",
  ),
  ..."A=B A 3 1023 none host 0755 size=4K size=1,mode=7 -vx".split(" "),
) as fc.Arbitrary<Bytes>;

const word = fc.oneof(
  { weight: 8, arbitrary: known },
  { weight: 1, arbitrary: bytes },
  {
    weight: 1,
    arbitrary: fc.tuple(known, bytes).map((parts) => parts.join("") as Bytes),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(known, known).map((parts) => parts.join("=") as Bytes),
  },
);

const path = fc.constantFrom("/", "/a", "/b c") as fc.Arbitrary<Bytes>;
/** One right option, in one of its spellings. */
const setting: fc.Arbitrary<readonly string[]> = fc.oneof(
  fc.tuple(fc.constantFrom("-m", "--map", "-v", "--vol"), path, path),
  fc.tuple(
    fc.constantFrom("-t", "--tmpfs"),
    fc.constantFrom("", "size=1k"),
    path,
  ),
  fc.tuple(path, path).map(([source, target]) => [`--vol=${source}:${target}`]),
  fc.tuple(fc.constantFrom("-e", "--env"), fc.constantFrom("A", "B"), bytes),
  fc.tuple(fc.constantFrom("-E", "--unset-env"), fc.constant("A")),
  fc.tuple(
    fc.constant("--keep-fd"),
    fc.integer({ min: 3, max: 1023 }).map(String),
  ),
);

/** The invocation or the error of a line; anything else that is thrown fails the test. */
function outcomeOf(words: readonly Bytes[]): Invocation | SelfdockError {
  try {
    return parseLine(words);
  } catch (error) {
    if (error instanceof SelfdockError) return error;
    throw error;
  }
}

/** What must hold of every line. */
function checkLine(words: readonly Bytes[]): void {
  const before = [...words];
  const outcome = outcomeOf(words);
  expect(words).toEqual(before);
  if (outcome instanceof SelfdockError) {
    expect(outcome.code).toBe("usage");
    expect(outcome.message).toMatch(/^Cannot /);
    for (const message of renderError(suggest(outcome))) {
      expect(renderLine(message, false)).toMatch(
        /^selfdock: [^\x00-\x1f\x7f-\x9f]+\n$/,
      );
    }
  } else if (outcome.kind === "launch") {
    const { command, mounts, keepDescriptors, rootfs } = outcome.request;
    // The image's own command may be meant.
    if (!outcome.request.imageConfig) expect(command.length).toBeGreaterThan(0);
    expect(command).toEqual(words.slice(words.length - command.length));
    expect(rootfs).not.toBe("" as Bytes);
    expect(mounts.length).toBeLessThanOrEqual(1000);
    for (const mount of mounts) expect(mount.target).toMatch(/^(\/|\.$)/);
    expect(keepDescriptors).toEqual(
      [...new Set(keepDescriptors)].toSorted((a, b) => a - b),
    );
    if (outcome.request.imageConfig) return;
    const again = parseLine(renderWords(outcome.request, outcome.name));
    expect(again).toEqual({ ...outcome, dryRun: null });
  }
}

test("random bytes throw nothing but SelfdockError", () => {
  fc.assert(fc.property(fc.array(bytes, { maxLength: 8 }), checkLine), counts);
});

test("random lines of known words throw nothing but SelfdockError", () => {
  fc.assert(fc.property(fc.array(word, { maxLength: 12 }), checkLine), counts);
});

test("right options before and after the command mean the same, and COMMAND is kept", () => {
  const line = fc.tuple(
    fc.array(setting, { maxLength: 8 }),
    fc.array(setting, { maxLength: 8 }),
    fc.array(word, { maxLength: 5 }),
  );
  fc.assert(
    fc.property(line, ([before, after, rest]) => {
      const options = [before.flat(), after.flat()] as [Bytes[], Bytes[]];
      const command = ["true", ...rest] as Bytes[];
      const split = outcomeOf([
        ...options[0],
        "run" as Bytes,
        ...options[1],
        ...command,
      ]);
      const behind = outcomeOf([
        "run" as Bytes,
        ...options.flat(),
        "--" as Bytes,
        ...command,
      ]);
      expect(split).toMatchObject({ kind: "launch", request: { command } });
      expect(split).toEqual(behind);
    }),
    counts,
  );
});

/** A line of `count` options and as many arguments. */
function longLine(count: number): readonly Bytes[] {
  const options = Array.from({ length: count }, () => ["-e", "A", "value"]);
  return [...options.flat(), "run", ..."x".repeat(count)] as Bytes[];
}

/** The shortest of twenty times that reading it takes; milliseconds. */
function timeOf(words: readonly Bytes[]): number {
  const times = Array.from({ length: 20 }, () => {
    const start = performance.now();
    outcomeOf(words);
    return performance.now() - start;
  });
  return Math.min(...times);
}

test("10,000 options take linear time", () => {
  const [short, long] = [longLine(1000), longLine(10_000)];
  expect(outcomeOf(long)).toMatchObject({ kind: "launch" });
  // Ten times the words; quadratic time would be a hundred times as long.
  expect(timeOf(long)).toBeLessThan(40 * Math.max(timeOf(short), 0.1));
});
