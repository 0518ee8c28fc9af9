/** Whatever is asked for: a Program that fits, prints, and keeps the user's words in their places. */

import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Bytes } from "../../../src/plan/bytes.ts";
import type { Caller, Facts } from "../../../src/plan/facts.ts";
import { SelfdockError } from "../../../src/plan/error.ts";
import { planInstance } from "../../../src/plan/plan-instance.ts";
import type {
  BindRequest,
  Request,
  TmpfsRequest,
} from "../../../src/plan/request.ts";
import { encode, layOut } from "../../../syscalls/encode.ts";
import type { Program } from "../../../syscalls/program.ts";
import { renderProgram } from "../../../syscalls/render.ts";
import { countsFor } from "../syscalls/counts.ts";
import { always, flowOf, walk } from "./flow.ts";
import { factsOf, requestOf } from "./samples.ts";

/** Any bytes but NUL; some of which would break a line or move a cursor. */
const word = fc
  .array(
    fc.oneof(
      fc.integer({ min: 1, max: 255 }),
      fc.constantFrom(10, 27, 34, 47, 92, 123),
    ),
    { minLength: 1, maxLength: 10 },
  )
  .map((codes) => String.fromCharCode(...codes) as Bytes);
const absolute = word.map((it) => `/${it}` as Bytes);

const bind: fc.Arbitrary<BindRequest> = fc.record({
  kind: fc.constantFrom("map", "vol"),
  source: word,
  target: fc.oneof(absolute, fc.constant("." as Bytes)),
});
const tmpfs: fc.Arbitrary<TmpfsRequest> = fc.record({
  kind: fc.constant("tmpfs"),
  target: fc.oneof(absolute, fc.constant("/tmp" as Bytes)),
  size: fc.integer({ min: 1, max: 2 ** 40 }),
  inodes: fc.integer({ min: 1, max: 2 ** 20 }),
  mode: fc.integer({ min: 0, max: 0o1777 }),
  uid: fc.constant(null),
  gid: fc.constant(null),
});
const change = fc.oneof(
  fc.record({ kind: fc.constant("set" as const), name: word, value: word }),
  fc.record({ kind: fc.constant("unset" as const), name: word }),
);

const request: fc.Arbitrary<Request> = fc
  .record({
    action: fc.constantFrom("run", "build"),
    init: fc.boolean(),
    rootfs: fc.oneof(fc.constant("/" as Bytes), word),
    mounts: fc.array(fc.oneof(bind, tmpfs), { maxLength: 5 }),
    workingDirectory: fc.option(word),
    environment: fc.array(change, { maxLength: 3 }),
    keepDescriptors: fc.uniqueArray(fc.integer({ min: 3, max: 1023 }), {
      maxLength: 3,
    }),
    network: fc.constantFrom("host", "none"),
    command: fc.array(word, { minLength: 1, maxLength: 3 }),
  })
  .map(requestOf);

const caller: fc.Arbitrary<Partial<Caller>> = fc.record({
  uid: fc.constantFrom(0, 1000, 2 ** 32 - 2),
  directory: fc.option(absolute, { nil: null }),
  environment: fc.array(word, { maxLength: 4 }),
});

const facts: fc.Arbitrary<Facts> = fc
  .tuple(
    fc.constantFrom("rootless", "privileged"),
    caller,
    fc.option(fc.array(absolute, { maxLength: 3 })),
  )
  .map(([mode, who, covered]) => factsOf(mode, who, covered));

/** Null for what cannot be planned, which is said in words. */
function planned(asked: Request, known: Facts): Program | null {
  try {
    return planInstance(asked, known).program;
  } catch (error) {
    expect(error).toBeInstanceOf(SelfdockError);
    expect((error as SelfdockError).message).toMatch(/^Cannot [ -\uffff]+$/);
    return null;
  }
}

/** Tries a rule about Programs on any request, `countsFor(cost)` times. */
function forAny(
  cost: number,
  rule: (program: Program, asked: Request) => void,
): void {
  const one = ([asked, known]: [Request, Facts]) => {
    const program = planned(asked, known);
    if (program !== null) rule(program, asked);
  };
  fc.assert(fc.property(fc.tuple(request, facts), one), countsFor(cost));
}

/** What a printed line looks like: nothing of a name's bytes can end it or begin another. */
function checkPrinted(program: Program): void {
  for (const line of renderProgram(program).trimEnd().split("\n")) {
    expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
    expect(line).toMatch(/^(# |[a-z].*:$| *\d+ {2}\S)/);
  }
}

describe("any request", () => {
  test("ends on every way, and is locked before the command", () => {
    forAny(10, (program) => {
      const flow = flowOf(program);
      walk(flow, "start", (_, state) => state);
      for (const lock of ["seccomp", "capset", "close_range", "mount_setattr"])
        expect(
          always(
            flow,
            ({ operation }) => /^execve(at)?$/.test(operation),
            (step) => step.operation === lock,
          ),
        ).toBe(true);
    });
  });

  test("has every source, target and name in the Program byte for byte", () => {
    forAny(5, (program, asked) => {
      const texts = new Set(
        program.data.map(({ bytes }) => Buffer.from(bytes).toString("latin1")),
      );
      expect(texts).toContain(`${asked.rootfs}\0`);
      for (const mount of asked.mounts) {
        if (mount.target !== ".") expect(texts).toContain(`${mount.target}\0`);
        if ("source" in mount) expect(texts).toContain(`${mount.source}\0`);
      }
      if (asked.workingDirectory !== null)
        expect(texts).toContain(`${asked.workingDirectory}\0`);
    });
  });

  test("is laid out and encoded", () => {
    forAny(40, (program) => {
      const layout = layOut(program);
      const constant = new Uint8Array(layout.constantSize);
      const state = new Uint8Array(layout.stateSize);
      encode(
        layout,
        { constant: 2 ** 40, state: 2 ** 41 },
        { constant, state },
      );
      expect(constant.some((byte) => byte !== 0)).toBe(true);
    });
  });

  test("prints in lines of its own, whatever the bytes of the names", () => {
    forAny(10, checkPrinted);
  });
});
