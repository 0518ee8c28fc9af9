/** Random statements of the Programs that player and model both perform. */

import * as fc from "fast-check";
import type { ProgramBuilder } from "../../../syscalls/builder.ts";
import {
  callSubroutine,
  compute,
  load,
  set,
  store,
} from "../../../syscalls/control.ts";
import type { Comparison, Subroutine } from "../../../syscalls/control.ts";
import { addressOf } from "../../../syscalls/program.ts";
import type { Data, Failure, Slot } from "../../../syscalls/program.ts";
import { HARMLESS } from "./harmless-calls.ts";

/** What the statements of a random Program share. */
export interface Scope {
  readonly p: ProgramBuilder;
  readonly values: readonly Slot[];
  readonly pointer: Slot;
  /** The first is constant. */
  readonly data: readonly [Data, ...Data[]];
  /** Holds the address of the second datum. */
  readonly pointers: Data;
  readonly subroutines: readonly Subroutine[];
}

export type Statement = (scope: Scope) => void;

export const SLOTS = 6;
export const SIZE = 64;
const INTERESTING = [
  0n,
  1n,
  -1n,
  255n,
  2n ** 31n,
  2n ** 32n,
  2n ** 53n + 1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  2n ** 64n - 1n,
  -4095n,
  -4096n,
];

const number = fc.oneof(
  fc.constantFrom(...INTERESTING),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
  fc.integer({ min: -70, max: 70 }),
  fc.maxSafeInteger(),
);
export const slot = fc
  .nat({ max: SLOTS - 1 })
  .map((index) => (scope: Scope) => scope.values[index]!);
export const value = fc.oneof(
  slot,
  number.map((it) => () => it),
);
const anyData = fc
  .nat({ max: 2 })
  .map((index) => (scope: Scope) => scope.data[index]!);
export const buffer = fc
  .integer({ min: 1, max: 2 })
  .map((index) => (scope: Scope) => scope.data[index]!);
const half = fc.nat({ max: SIZE / 2 });
export const comparison = fc.constantFrom<Comparison>("==", "!=", "<", "below");
const operation = fc.constantFrom("+", "-", "&", "|", "<<", ">>");

export const simple: readonly fc.Arbitrary<Statement>[] = [
  fc.tuple(slot, value).map(
    ([to, from]) =>
      (s) =>
        set(s.p, to(s), from(s)),
  ),
  fc.tuple(slot, value, operation, value).map(
    ([to, a, sign, b]) =>
      (s) =>
        compute(s.p, to(s), [a(s), sign, b(s)]),
  ),
  fc.tuple(slot, anyData, half, fc.constantFrom(1, 2, 4, 8)).map(
    ([to, from, at, width]) =>
      (s) =>
        load(s.p, to(s), width, [addressOf(from(s)), at]),
  ),
  fc.tuple(slot, slot, anyData).map(([to, index, from]) => (s) => {
    const at = s.p.slot("index");
    compute(s.p, at, [index(s), "&", SIZE / 2 - 1]);
    load(s.p, to(s), 8, [from(s), at]);
  }),
  fc.tuple(buffer, half, value, fc.constantFrom(1, 4, 8)).map(
    ([to, at, from, width]) =>
      (s) =>
        store(s.p, width, [to(s), at], from(s)),
  ),
  fc.tuple(half, value).map(([at, from]) => (s) => {
    load(s.p, s.pointer, 8, [s.pointers, 8]);
    compute(s.p, s.pointer, [s.pointer, "+", at]);
    store(s.p, 8, [s.pointer, 0], from(s));
  }),
  fc.tuple(buffer, half, anyData, half, half).map(
    ([to, at, from, start, size]) =>
      (s) =>
        s.p.control("copy", [
          addressOf(to(s), at),
          addressOf(from(s), start),
          size,
        ]),
  ),
  fc.tuple(slot, anyData, half, half, value).map(
    ([to, from, at, size, byte]) =>
      (s) =>
        s.p.control("find", [addressOf(from(s), at), size, byte(s)], {
          result: to(s),
        }),
  ),
  fc.tuple(slot, slot).map(
    ([to, from]) =>
      (s) =>
        load(s.p, to(s), 8, [addressOf(from(s)), 0]),
  ),
  fc.nat({ max: 1 }).map((index) => (s) => {
    const callee = s.subroutines[index];
    if (callee !== undefined) callSubroutine(s.p, callee);
  }),
];

/** Calls with each policy: a fault, going on, and a jump over the next statement. */
export const call: fc.Arbitrary<Statement> = fc
  .tuple(
    fc.constantFrom(...HARMLESS),
    slot,
    buffer,
    fc.constantFrom("fault", "continue", "jump", "continue"),
  )
  .map(([{ operation: name, operands }, result, to, policy]) => (s) => {
    const over = s.p.label("over");
    const failure: Failure = policy === "jump" ? over : policy;
    s.p.call(name, operands(to(s)), { result: result(s), failure });
    if (policy === "jump") set(s.p, result(s), 7);
    s.p.place(over);
  });

export function all(statements: readonly Statement[], scope: Scope): void {
  for (const statement of statements) statement(scope);
}

export const rare: readonly fc.Arbitrary<Statement>[] = [
  fc
    .integer({ min: 1, max: 200 })
    .map((errno) => (s) => s.p.fail(errno, "a test")),
  value.map((it) => (s) => s.p.control("stop", [it(s)])),
];
