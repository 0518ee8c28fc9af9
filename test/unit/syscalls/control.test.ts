/** Conditions, loops, subroutines and tolerated failures, played. */

import { describe, expect, test } from "bun:test";
import {
  callSubroutine,
  compute,
  define,
  jump,
  jumpIf,
  load,
  loadField,
  loop,
  set,
  store,
  subroutine,
  tolerate,
  when,
} from "../../../syscalls/control.ts";
import type { Comparison } from "../../../syscalls/control.ts";
import { ERRNO } from "../../../syscalls/errno.table.ts";
import { addressOf } from "../../../syscalls/program.ts";
import type { Slot } from "../../../syscalls/program.ts";
import type { ProgramBuilder } from "../../../syscalls/builder.ts";
import { encodeStruct } from "../../../syscalls/struct.ts";
import { STATX_BUFFER } from "../../../syscalls/structs.ts";
import { playParts } from "./play.ts";

/** Plays the steps and gives the slot that `write` returns. */
function resultOf(write: (p: ProgramBuilder) => Slot): bigint {
  const { slots, made } = playParts(write);
  return slots.get(made)!;
}

describe("when", () => {
  const cases: readonly (readonly [bigint, Comparison, bigint, boolean])[] = [
    [1n, "==", 1n, true],
    [1n, "==", 2n, false],
    [1n, "!=", 2n, true],
    [1n, "!=", 1n, false],
    [-1n, "<", 0n, true],
    [0n, "<", -1n, false],
    [1n, "<", 1n, false],
    [-1n, "below", 0n, false],
    [0n, "below", -1n, true],
    [1n, "below", 1n, false],
  ];
  test.each(cases)(
    "%d %s %d is %p, with and without an else",
    (a, comparison, b, holds) => {
      const both = resultOf((p) => {
        const it = p.slot("it");
        when(
          p,
          [a, comparison, b],
          () => set(p, it, 1),
          () => set(p, it, 2),
        );
        return it;
      });
      const one = resultOf((p) => {
        const it = p.slot("it");
        when(p, [a, comparison, b], () => set(p, it, 1));
        return it;
      });
      expect([both, one]).toEqual(holds ? [1n, 1n] : [2n, 0n]);
    },
  );
});

describe("loop", () => {
  test("repeats until it is left, and goes on at again", () => {
    const sum = resultOf((p) => {
      const [i, total] = [p.slot("i"), p.slot("total")];
      loop(p, "odd numbers", (leave, again) => {
        jumpIf(p, [i, "==", 10], leave);
        compute(p, i, [i, "+", 1]);
        const odd = p.slot("odd");
        compute(p, odd, [i, "&", 1]);
        jumpIf(p, [odd, "==", 0], again);
        compute(p, total, [total, "+", i]);
      });
      return total;
    });
    expect(sum).toBe(25n);
  });
});

describe("a subroutine", () => {
  test("is called from many places, and remembers for whom it runs", () => {
    const { slots, made, program } = playParts((p) => {
      const [n, context] = [p.slot("n"), p.slot("seen")];
      const twice = subroutine(p, "twice");
      set(p, n, 3);
      callSubroutine(p, twice);
      p.part("somebody", () => callSubroutine(p, twice));
      const over = p.label("over");
      jump(p, over);
      define(p, twice, () => compute(p, n, [n, "+", n]));
      p.place(over);
      return { n, context };
    });
    expect(slots.get(made.n)).toBe(12n);
    const index = Number(slots.get(program.context));
    expect(program.parts[index]!.action).toBe("somebody");
  });
});

describe("tolerate", () => {
  const outcome = (errnos: readonly number[], descriptor: number) =>
    playParts((p) => {
      const [result, tolerated, fine] = [
        p.slot("result"),
        p.slot("tolerated"),
        p.slot("fine"),
      ];
      const [then, end] = [p.label("then"), p.label("end")];
      tolerate(p, { result, errnos, then }, (options) =>
        p.call("fcntl", [descriptor, 1, 0], options),
      );
      set(p, fine, 1);
      jump(p, end);
      p.place(then);
      set(p, tolerated, 1);
      p.place(end);
      return { tolerated, fine };
    });
  const flags = ({ slots, made }: ReturnType<typeof outcome>) => [
    slots.get(made.fine),
    slots.get(made.tolerated),
  ];

  test("goes on elsewhere for an expected error, without a fault", () => {
    const run = outcome([ERRNO.EPERM, ERRNO.EBADF], -1);
    expect(flags(run)).toEqual([0n, 1n]);
    expect(run).toMatchObject({ value: 1, fault: null });
  });

  test("fails for good with any other error", () => {
    const run = outcome([ERRNO.EPERM], -1);
    expect(flags(run)).toEqual([0n, 0n]);
    expect(run).toMatchObject({
      value: 99,
      fault: { errno: ERRNO.EBADF, step: { operation: "fcntl" } },
    });
  });

  test("goes on behind it where nothing fails", () => {
    const run = outcome([ERRNO.EBADF], 2);
    expect(flags(run)).toEqual([1n, 0n]);
    expect(run).toMatchObject({ value: 1, fault: null });
  });
});

describe("failures", () => {
  test("leave errnos from 1 to 4095 as such, and pass larger results by", () => {
    for (const errno of [1, 4095]) {
      const run = playParts((p) => p.fail(errno, "it"));
      expect(run).toMatchObject({
        value: 99,
        fault: { errno, step: { subject: "it" } },
      });
    }
  });

  test("keep the result of the call that failed", () => {
    const { slots, made, fault } = playParts((p) =>
      p.call("close", [-1], { result: "closed" }),
    );
    expect(slots.get(made)).toBe(BigInt(-ERRNO.EBADF));
    expect(fault?.errno).toBe(ERRNO.EBADF);
  });

  test("that go on leave no fault", () => {
    const run = playParts((p) =>
      p.call("close", [-1], { failure: "continue" }),
    );
    expect(run).toMatchObject({ value: 1, fault: null });
  });
});

describe("memory", () => {
  test("is read zero-extended and written narrowly", () => {
    const { slots, buffers, made } = playParts((p) => {
      const buffer = p.buffer("b", new Uint8Array(16).fill(0xff));
      const read = ([1, 2, 4, 8] as const).map((width) => {
        const slot = p.slot(`u${8 * width}`);
        load(p, slot, width, [buffer, 1]);
        return slot;
      });
      store(p, 1, [buffer, 0], 0x1200);
      store(p, 4, [addressOf(buffer, 2), 2], 0x11_2233_4455);
      return { buffer, read };
    });
    expect(
      made.read.map((slot) => BigInt.asUintN(64, slots.get(slot)!)),
    ).toEqual([0xffn, 0xffffn, 0xffff_ffffn, 2n ** 64n - 1n]);
    const rest = "ff".repeat(8);
    expect(Buffer.from(buffers.get(made.buffer)!).toString("hex")).toBe(
      `00ffffff55443322${rest}`,
    );
  });

  test("of a struct is read by the name of the field", () => {
    const mode = resultOf((p) => {
      const it = p.slot("mode");
      const stat = p.constant(
        "{stat}",
        encodeStruct(STATX_BUFFER, { mode: 0o100644, uid: 77, ino: 5 }),
      );
      loadField(p, it, [STATX_BUFFER, "mode"], stat);
      return it;
    });
    expect(mode).toBe(0o100644n);
  });

  test("is searched up to the last byte and no further", () => {
    const find = (byte: number, size: number) =>
      resultOf((p) => {
        const it = p.slot("it");
        const text = p.constant("{text}", Buffer.from("abca"));
        p.control("find", [text, size, byte], { result: it });
        return it;
      });
    expect([
      find(0x61, 4),
      find(0x63, 3),
      find(0x63, 2),
      find(0x78, 4),
      find(0x61, 0),
    ]).toEqual([0n, 2n, 2n, 4n, 0n]);
  });

  test("is a new one for every run, with the first content", () => {
    for (let run = 0; run < 2; run++) {
      const { buffers, made } = playParts((p) => {
        const buffer = p.buffer("b", Uint8Array.of(1, 2));
        store(p, 1, [buffer, 0], 9);
        return buffer;
      });
      expect([...buffers.get(made)!]).toEqual([9, 2]);
    }
  });
});
