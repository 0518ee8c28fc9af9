/** The assembler of filters and the instance's filter, by interpretation. */

import { describe, expect, test } from "bun:test";
import { SYSCALL } from "../../../syscalls/arch/x86_64/numbers.table.ts";
import { AUDIT_ARCH } from "../../../syscalls/constants/seccomp.table.ts";
import {
  assemble,
  type Instruction,
  jumpIf,
  label,
  load,
  ret,
} from "../../../syscalls/seccomp/assemble.ts";
import { instanceFilter } from "../../../syscalls/seccomp/filter.ts";
import { interpretFilter, type Call } from "./interpret-filter.ts";

const ALLOW = 0x7fff0000;
const EPERM = 0x00050001;
const ENOSYS = 0x00050026;
const X32 = 0x40000000;

const filter = instanceFilter({ joining: true });
const closed = instanceFilter({ joining: false });
const verdict = (call: Call) => interpretFilter(filter, call).value;

const ARCHES = [
  {
    name: "x86-64",
    arch: AUDIT_ARCH.X86_64,
    ioctl: 16,
    keys: [248, 249, 250, 438],
    setns: 308,
  },
  {
    name: "i386",
    arch: AUDIT_ARCH.I386,
    ioctl: 54,
    keys: [286, 287, 288, 438],
    setns: 346,
  },
] as const;

/** Every number up to well above the newest call, and those at the edges of the word. */
const NUMBERS = [
  ...Array.from({ length: 1024 }, (_, nr) => nr),
  0x3fff_fffe,
  0x3fff_ffff,
];

const HIGH_WORDS = [0n, 1n, 0x8000_0000n, 0xffff_ffffn];

describe("the instance's filter", () => {
  for (const { name, arch, ioctl, keys, setns } of ARCHES) {
    test(`${name}: refuses calls for keys and for others' descriptors, allows all others but ioctl, without looking at arguments`, () => {
      const refused: readonly number[] = keys;
      for (const nr of NUMBERS) {
        if (nr === ioctl) continue;
        const { value, constant } = interpretFilter(filter, {
          arch,
          nr,
          arg1: 0x5412n,
        });
        expect([nr, value, constant]).toEqual([
          nr,
          refused.includes(nr) ? EPERM : ALLOW,
          true,
        ]);
      }
    });

    test(`${name}: refuses setns besides, where there is no user namespace of the instance's own`, () => {
      for (const nr of NUMBERS) {
        const call = { arch, nr, arg1: 0n };
        const { value } = interpretFilter(closed, call);
        expect([nr, value]).toEqual([nr, nr === setns ? EPERM : verdict(call)]);
      }
    });

    test(`${name}: refuses TIOCSTI and TIOCLINUX whatever the high word of the request holds`, () => {
      for (const high of HIGH_WORDS) {
        for (const request of [0x5412n, 0x541cn]) {
          expect(
            verdict({ arch, nr: ioctl, arg1: (high << 32n) | request }),
          ).toBe(EPERM);
        }
      }
    });

    test(`${name}: allows every other terminal request, and those words as high words`, () => {
      for (const high of [...HIGH_WORDS, 0x5412n, 0x541cn]) {
        for (let request = 0x5400n; request <= 0x54ffn; request++) {
          if (request === 0x5412n || request === 0x541cn) continue;
          expect(
            verdict({ arch, nr: ioctl, arg1: (high << 32n) | request }),
          ).toBe(ALLOW);
        }
        for (const request of [0n, 1n, 0x1_5412n, 0x8000_5412n, 0xffff_ffffn]) {
          expect(
            verdict({ arch, nr: ioctl, arg1: (high << 32n) | request }),
          ).toBe(ALLOW);
        }
      }
    });
  }

  test("refuses every x32 call, the request for TIOCSTI and the keys included", () => {
    for (const nr of [
      ...NUMBERS.slice(0, 1024).map((number) => number + X32),
      0x7fff_ffff,
      0x8000_0000,
      0xffff_ffff,
    ]) {
      expect(verdict({ arch: AUDIT_ARCH.X86_64, nr, arg1: 0x5412n })).toBe(
        ENOSYS,
      );
    }
  });

  test("refuses every call of an architecture that it does not know", () => {
    for (const arch of [
      0,
      0xffff_ffff,
      AUDIT_ARCH.AARCH64,
      AUDIT_ARCH.ARM,
      AUDIT_ARCH.X86_64 - 1,
      AUDIT_ARCH.I386 + 1,
    ]) {
      for (const nr of NUMBERS) expect(verdict({ arch, nr })).toBe(ENOSYS);
    }
  });

  test("decides a call that is not ioctl in nine instructions at most", () => {
    for (const name of [
      "read",
      "openat",
      "futex",
      "execve",
      "exit_group",
    ] as const) {
      const { steps } = interpretFilter(filter, {
        arch: AUDIT_ARCH.X86_64,
        nr: SYSCALL[name],
      });
      expect(steps).toBeLessThanOrEqual(9);
    }
  });
});

describe("the assembler", () => {
  const padding = (length: number): Instruction[] =>
    Array.from({ length }, () => load("nr"));

  test("writes struct sock_filter", () => {
    const program = [
      load("arg1"),
      jumpIf("equal", 7, "end"),
      ret(1),
      label("end"),
      ret(2),
    ];
    expect([...assemble(program)]).toEqual(
      [
        [0x20, 0, 0, 0, 24, 0, 0, 0],
        [0x15, 0, 1, 0, 7, 0, 0, 0],
        [0x06, 0, 0, 0, 1, 0, 0, 0],
        [0x06, 0, 0, 0, 2, 0, 0, 0],
      ].flat(),
    );
  });

  test("jumps over 255 instructions and no more", () => {
    const program = (length: number) => [
      jumpIf("equal", 0, "far"),
      ...padding(length),
      label("far"),
      ret(0),
    ];
    expect(
      interpretFilter(assemble(program(255)), { arch: 0, nr: 0 }).steps,
    ).toBe(2);
    expect(() => assemble(program(256))).toThrow(
      'the jump to "far" leaps over 256 instructions',
    );
  });

  test("refuses a jump backward, a label that is missing or stands twice", () => {
    expect(() =>
      assemble([label("a"), load("nr"), jumpIf("equal", 0, "a"), ret(0)]),
    ).toThrow("backward");
    expect(() => assemble([jumpIf("equal", 0, "a"), ret(0)])).toThrow(
      'there is no label "a"',
    );
    expect(() => assemble([label("a"), label("a"), ret(0)])).toThrow(
      'label "a" stands twice',
    );
  });

  test("refuses a program that the kernel would: open at the end, or too long", () => {
    expect(() => assemble([])).toThrow("not a return");
    expect(() => assemble([ret(0), load("nr")])).toThrow("not a return");
    expect(() => assemble([ret(0), label("end")])).not.toThrow();
    expect(() => assemble([...padding(4096), ret(0)])).toThrow(
      "more than 4096",
    );
  });
});
