/**
 * Random Programs of control operations and harmless calls. Addresses stay in
 * slots of their own, since they differ from run to run; everything else that
 * a Program leaves can be compared.
 */

import * as fc from "fast-check";
import { ProgramBuilder } from "../../../syscalls/builder.ts";
import {
  compute,
  define,
  loop,
  jumpIf,
  set,
  subroutine,
  tolerate,
  when,
} from "../../../syscalls/control.ts";
import type { Subroutine } from "../../../syscalls/control.ts";
import { addressOf } from "../../../syscalls/program.ts";
import type { Data, Label, Program, Slot } from "../../../syscalls/program.ts";
import { HARMLESS } from "./harmless-calls.ts";
import {
  all,
  buffer,
  call,
  comparison,
  rare,
  simple,
  SIZE,
  slot,
  SLOTS,
  value,
} from "./random-statements.ts";
import type { Scope, Statement } from "./random-statements.ts";

/** A random Program and what of it can be compared. */
export interface RandomProgram {
  readonly program: Program;
  readonly values: readonly Slot[];
  readonly buffers: readonly Data[];
}

const { block } = fc.letrec<{
  block: readonly Statement[];
  statement: Statement;
}>((tie) => ({
  block: fc.array(tie("statement"), { maxLength: 6 }),
  statement: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 8, arbitrary: fc.oneof(...simple) },
    { weight: 3, arbitrary: call },
    { weight: 1, arbitrary: fc.oneof(...rare) },
    { weight: 2, arbitrary: condition(tie("block")) },
    { weight: 1, arbitrary: repeated(tie("block")) },
    { weight: 1, arbitrary: guarded(tie("block")) },
    { weight: 1, arbitrary: tolerated(tie("block")) },
  ),
}));

type Block = fc.Arbitrary<readonly Statement[]>;

function condition(body: Block): fc.Arbitrary<Statement> {
  return fc.tuple(value, comparison, value, body, fc.option(body)).map(
    ([a, sign, b, yes, no]) =>
      (s) =>
        when(
          s.p,
          [a(s), sign, b(s)],
          () => all(yes, s),
          no === null ? null : () => all(no, s),
        ),
  );
}

function repeated(body: Block): fc.Arbitrary<Statement> {
  return fc.tuple(fc.nat({ max: 4 }), body).map(([times, steps]) => (s) => {
    const left = s.p.slot("left");
    set(s.p, left, times);
    loop(s.p, "some times", (leave) => {
      jumpIf(s.p, [left, "==", 0], leave);
      compute(s.p, left, [left, "-", 1]);
      all(steps, s);
    });
  });
}

/** Faults of the body go on in the handler. */
function guarded(body: Block): fc.Arbitrary<Statement> {
  return fc.tuple(body, body).map(([steps, handler]) => (s) => {
    const [failed, over] = [s.p.label("failed"), s.p.label("over")];
    s.p.faultsTo(failed, () => all(steps, s));
    s.p.control("jump", [over]);
    s.p.place(failed);
    all(handler, s);
    s.p.place(over);
  });
}

function tolerated(body: Block): fc.Arbitrary<Statement> {
  return fc
    .tuple(
      fc.constantFrom(...HARMLESS),
      slot,
      buffer,
      fc.subarray([2, 9, 22]),
      body,
    )
    .map(([{ operation: name, operands }, to, into, errnos, steps]) => (s) => {
      const over = s.p.label("tolerated");
      tolerate(s.p, { result: to(s), errnos, then: over }, (options) =>
        s.p.call(name, operands(into(s)), options),
      );
      all(steps, s);
      s.p.place(over);
    });
}

/** Two subroutines and a main part; faults end the Program with 99. */
export const randomPrograms: fc.Arbitrary<RandomProgram> = fc
  .tuple(
    fc.array(block, { minLength: 1, maxLength: 3 }),
    block,
    block,
    fc.uint8Array({ minLength: SIZE, maxLength: SIZE }),
  )
  .map(([main, first, second, bytes]) => {
    const p = new ProgramBuilder();
    const values = Array.from({ length: SLOTS }, (_, index) =>
      p.slot(`v${index}`),
    );
    const data = [
      p.constant("{bytes}", bytes),
      p.buffer("empty", SIZE),
      p.buffer("filled", bytes),
    ] as const;
    const pointers = p.constant("{pointers}", new Uint8Array(16), [
      { at: 8, to: addressOf(data[1], 0) },
    ]);
    const scope = {
      p,
      values,
      pointer: p.slot("pointer"),
      data: [...data] as const,
      pointers,
    };
    const failed = p.label("failed");
    const subroutines = [subroutine(p, "first"), subroutine(p, "second")];
    p.part("a random Program", () => {
      p.faultsTo(failed, () => {
        all(main.flat(), { ...scope, subroutines });
        p.control("stop", [1]);
        writeSubroutine(scope, subroutines[0]!, first);
        writeSubroutine(scope, subroutines[1]!, second);
      });
      end(p, failed);
    });
    return { program: p.finish(), values, buffers: [data[1], data[2]] };
  });

function writeSubroutine(
  scope: Omit<Scope, "subroutines">,
  declared: Subroutine,
  body: readonly Statement[],
): void {
  define(scope.p, declared, () => all(body, { ...scope, subroutines: [] }));
}

function end(p: ProgramBuilder, failed: Label): void {
  p.place(failed);
  p.control("stop", [99]);
}
