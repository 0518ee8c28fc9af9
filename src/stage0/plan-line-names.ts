/** `--hostname`, `--name`: what a name may consist of, a byte at a time. */

import {
  callSubroutine,
  compute,
  define,
  jumpIf,
  load,
  loop,
  set,
  store,
  subroutine,
} from "../../syscalls/control.ts";
import { shown } from "../../syscalls/program.ts";
import { ordered } from "./order-table.ts";
import type { Line, OptionPlan } from "./plan-line.ts";

/** The longest name. */
const MOST_BYTES = 64;

/** What a byte may be: of a hostname or an instance's name, and of which it may be the first. */
const CLASS = { host: 1, hostFirst: 2, name: 4, nameFirst: 8 } as const;

const PATTERN = {
  [CLASS.host]: /[A-Za-z0-9.-]/,
  [CLASS.hostFirst]: /[A-Za-z0-9]/,
  [CLASS.name]: /[A-Za-z0-9._-]/,
  [CLASS.nameFirst]: /[A-Za-z]/,
} as const;

function classesOf(byte: number): number {
  const text = String.fromCharCode(byte);
  let classes = 0;
  for (const [mask, pattern] of Object.entries(PATTERN))
    if (pattern.test(text)) classes |= Number(mask);
  return classes;
}

export function planNames({ p, words, no }: Line): {
  readonly options: readonly OptionPlan[];
  define(): void;
} {
  const table = p.constant(
    "{classes of bytes}",
    Uint8Array.from({ length: 256 }, (_, byte) => classesOf(byte)),
  );
  const check = subroutine(p, "check a name");
  const [wanted, others] = [p.slot("wanted class"), p.slot("class of others")];
  const [at, byte] = [p.slot("at"), p.slot("byte")];
  const planCheck = (first: number, rest: number) => {
    words.nextValue();
    set(p, wanted, first);
    set(p, others, rest);
    callSubroutine(p, check);
  };
  const hostname = () => {
    planCheck(CLASS.hostFirst, CLASS.host);
    store(p, 8, [ordered("hostname"), 0], words.address);
    store(p, 8, [ordered("hostnameLength"), 0], at);
    store(p, 8, [ordered("namesHost"), 0], 1);
  };
  return {
    options: [
      { names: ["--hostname"], once: true, plan: hostname },
      {
        names: ["--name"],
        once: true,
        plan: () => planCheck(CLASS.nameFirst, CLASS.name),
      },
    ],
    define: () =>
      define(p, check, () => {
        set(p, at, 0);
        loop(p, "bytes of the name", (leave) => {
          load(p, byte, 1, [words.address, at]);
          // The end has no class, and so is not the first.
          load(p, byte, 1, [table, byte]);
          compute(p, byte, [byte, "&", wanted]);
          jumpIf(p, [byte, "==", 0], leave);
          compute(p, at, [at, "+", 1]);
          set(p, wanted, others);
          jumpIf(p, [at, "==", shown(MOST_BYTES + 1, "too long")], no);
        });
        jumpIf(p, [at, "==", 0], no);
        load(p, byte, 1, [words.address, at]);
        jumpIf(p, [byte, "!=", 0], no);
      }),
  };
}
