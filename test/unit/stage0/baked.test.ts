/** A baked file is made of its words alone, and no other bytes pass for it. */

import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { bakeRecipe } from "../../../src/commands/baked.ts";
import { recognize } from "../../../src/commands/explain.ts";
import type { Recipe } from "../../../src/stage0/baked/recipe.ts";
import { STAGE0_ADDRESS } from "../../../src/stage0/handover.ts";
import { onlyHeader, parseExecutable } from "../../../syscalls/elf.ts";
import { b, REQUESTS, requestOf } from "../plan/samples.ts";

const seed = Number(process.env["SELFDOCK_SEED"] ?? Date.now() % 2 ** 31);
console.log(`SELFDOCK_SEED=${seed}`);

/** Each try makes a file again; milliseconds. */
const PATIENCE = 600_000;

/** Some 15 kB, with every option a little more. */
const LARGEST = 16_384;

function recipeOf(change: Partial<Recipe> = {}): Recipe {
  return { request: requestOf(), owner: null, subordinate: null, ...change };
}

const RECIPES: Readonly<Record<string, Recipe>> = {
  ...Object.fromEntries(
    Object.entries(REQUESTS).map(([name, request]) => [
      name,
      recipeOf({ request }),
    ]),
  ),
  "as root, subordinate ids": recipeOf({
    request: requestOf({ asRoot: true, rootless: true }),
    owner: { uid: 1000, gid: 1000 },
    subordinate: {
      users: [{ first: 100_000, count: 65_536 }],
      groups: [{ first: 100_000, count: 65_536 }],
    },
  }),
  "bytes that are no text": recipeOf({
    request: requestOf({ command: [b("\xff\n\x1b"), b("-v"), b("")] }),
  }),
};

for (const [name, recipe] of Object.entries(RECIPES)) {
  const { bytes } = bakeRecipe(recipe, null);

  test(`${name}: the file tells its recipe`, () => {
    const { note, again } = recognize(bytes);
    expect(again?.recipe).toEqual(recipe);
    expect(note).toMatchObject({ owner: recipe.owner });
    expect(bakeRecipe(recipe, null).bytes).toEqual(bytes);
  });

  test(`${name}: it is as small as README, NEWS and help say`, () => {
    expect(bytes.length).toBeLessThan(LARGEST);
  });

  test(`${name}: one segment, which cannot be written, and the note`, () => {
    const file = parseExecutable(bytes);
    expect(file.entry).toBeWithin(STAGE0_ADDRESS, STAGE0_ADDRESS + 4096);
    expect(onlyHeader(file, "LOAD")).toMatchObject({
      flags: 5,
      offset: 0,
      address: STAGE0_ADDRESS,
    });
    expect(onlyHeader(file, "GNU_STACK")).toMatchObject({ flags: 6 });
    expect(file.headers.length).toBe(3);
  });
}

test(
  "a file with any bit changed, or cut anywhere, is not taken for what it was",
  () => {
    const { bytes } = bakeRecipe(recipeOf(), null);
    const place = fc.integer({ min: 0, max: bytes.length - 1 });
    // The first page and the note are small, and are what is parsed.
    const parsed = fc.oneof(
      place,
      fc.integer({ min: 0, max: 300 }),
      fc.integer({ min: bytes.length - 200, max: bytes.length - 1 }),
    );
    fc.assert(
      fc.property(parsed, fc.integer({ min: 0, max: 7 }), (at, bit) => {
        const changed = Uint8Array.from(bytes);
        changed[at]! ^= 1 << bit;
        expect(recognize(changed).again).toBeNull();
        expect(recognize(bytes.subarray(0, at)).again).toBeNull();
      }),
      { seed, numRuns: Number(process.env["SELFDOCK_RUNS"] ?? 10) },
    );
  },
  PATIENCE,
);

test(
  "no bytes make recognizing throw",
  () => {
    const { bytes } = bakeRecipe(recipeOf(), null);
    const random = fc.uint8Array({ maxLength: 400 });
    fc.assert(
      fc.property(random, fc.integer({ min: 0, max: 240 }), (noise, at) => {
        expect(recognize(noise).note).toBeNull();
        const mixed = Uint8Array.from(bytes);
        mixed.set(noise, at);
        if (noise.some((byte, index) => bytes[at + index] !== byte))
          expect(recognize(mixed).again).toBeNull();
      }),
      { seed, numRuns: Number(process.env["SELFDOCK_RUNS"] ?? 15) },
    );
  },
  PATIENCE,
);
