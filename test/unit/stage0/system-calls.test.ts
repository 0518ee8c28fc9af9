/** Stage 0 makes the documented system calls and no others. */

import { describe, expect, test } from "bun:test";
import { assembleEntry } from "../../../syscalls/arch/x86_64/entry.ts";
import { SYSCALL } from "../../../syscalls/arch/x86_64/numbers.table.ts";
import { planStage0 } from "../../../src/stage0/plan-stage0.ts";
import { EXECUTION } from "../../../src/stage0/plan-supervisor-execution.ts";
import { makeReady } from "../../../src/stage0/ready-made.ts";
import type { Step } from "../../../syscalls/program.ts";
import { rule } from "../../harness/needs.ts";
import { disassemble } from "../syscalls/objdump.ts";
import { nameOf, shownAs } from "../syscalls/names.ts";
import { INTERPRETER } from "../syscalls/small-executable.ts";
import { SYSTEM_CALLS } from "./system-calls.table.ts";

const program = planStage0(
  { entry: 0x1234, interpreter: INTERPRETER, interpreterHeader: 0x20_0078 },
  makeReady(),
);
const supervisor = program.steps.findIndex(
  ({ part }) => part.action === "become the supervisor",
);
const calls = program.steps.slice(0, supervisor).filter(({ isCall }) => isCall);

/** The call, with the word of its first argument if that is one of the kernel's. */
function callOf({ operation, operands: [first] }: Step): string {
  const word = /^(PR|SIG)_.*/.exec(shownAs(first))?.[0];
  return word === undefined ? operation : `${operation} ${word}`;
}

/** The constant texts that a call takes. */
function textsOf({ operands }: Step): readonly string[] {
  return operands.flatMap((operand) =>
    typeof operand === "object" && operand.kind === "data" && !operand.writable
      ? [nameOf(operand)]
      : [],
  );
}

describe("stage 0's system calls", () => {
  test("are those of the table, in its order", () => {
    const found = new Map<string, string[]>();
    for (const step of calls) {
      const { action } = step.part;
      // Behind every part: it writes and exits, see below.
      if (action === "refuse") continue;
      found.set(action, [...(found.get(action) ?? []), callOf(step)]);
    }
    expect([...found]).toEqual(
      SYSTEM_CALLS.map(([part, rows]) => [part, rows.map(([call]) => call)]),
    );
  });

  test("take no path but seven, and none before the effective ids are given up", () => {
    const paths = calls
      .filter(({ operation }) =>
        ["openat", "chdir", "readlinkat"].includes(operation),
      )
      .flatMap(textsOf);
    expect([...new Set(paths)]).toEqual([
      "/dev/null",
      ".",
      "/",
      "/proc/self/ns/user",
      "/proc/self/cgroup",
      "/proc/self/ns/cgroup",
      INTERPRETER,
    ]);
    const first = calls.findIndex(({ operation }) => operation === "openat");
    const giveUps = calls.flatMap(({ operation, part }, index) =>
      operation.startsWith("setres") ? [[index, part.action] as const] : [],
    );
    const later = giveUps.filter(([index]) => index > first);
    // The effective ids are the user's by then; this is the saved one.
    expect(later.map(([, action]) => action)).toEqual([
      "see whose privilege there is",
    ]);
    expect(giveUps.length).toBeGreaterThan(later.length);
  });

  test("end the process where they fail, but for what the table calls a question or a word", () => {
    const lenient = calls.filter(({ failure }) => failure === "continue");
    const names = new Set(lenient.map(({ operation }) => operation));
    expect([...names].toSorted()).toEqual([
      "close",
      "exit",
      "exit_group",
      "getcwd",
      "openat",
      "read",
      "sched_setaffinity",
      "write",
    ]);
    expect(
      lenient
        .filter(({ operation }) => operation === "openat")
        .flatMap(textsOf),
    ).toEqual(["."]);
    const refusals = calls.filter(
      ({ operation }) => operation === "exit_group",
    );
    for (const { operands } of refusals) expect(operands).toEqual([124]);
  });

  test("are followed by nothing that runs on: whoever writes a refusal exits", () => {
    program.steps.forEach(({ operation }, index) => {
      if (operation === "write")
        expect(program.steps[index + 1]!.operation).toBe("exit_group");
    });
  });

  test("start no process and execute no program; threads once, one at a time, behind the drop of ids", () => {
    const names = new Set(calls.map(({ operation }) => operation));
    for (const name of [
      "execve",
      "execveat",
      "clone",
      "fork",
      "vfork",
    ] as const)
      expect(names).not.toContain(name);
    const clones = calls.filter(({ operation }) => operation === "clone3");
    expect(clones.flatMap(textsOf)).toEqual([
      "{CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_VFORK|CLONE_THREAD|CLONE_SYSVSEM}",
    ]);
    const drop = calls.findLastIndex(({ operation }) =>
      operation.startsWith("setres"),
    );
    expect(calls.indexOf(clones[0]!)).toBeGreaterThan(drop);
  });
});

describe("the supervisor", () => {
  const [first, ...rest] = program.steps
    .slice(supervisor)
    .filter(({ isCall }) => isCall);

  test("gives up every id before anything else", () => {
    expect(first!.operation).toBe("setresuid");
    const [real, effective, saved] = first!.operands;
    expect([effective, saved]).toEqual([real!, real!]);
  });

  test("opens nothing but files of pid 1 in /proc, and executes nothing", () => {
    for (const { operation, operands, part } of rest) {
      if (part.action === EXECUTION) continue;
      expect(operation).not.toMatch(
        /^open$|openat2|open_tree|exec|mount|connect|bind/,
      );
      if (operation !== "openat") continue;
      const path = operands[1]!;
      if (typeof path !== "object" || path.kind !== "data")
        throw new Error("not the path that it puts together");
      expect(nameOf(path)).toBe("path of a process's file");
    }
  });

  test("is its own file, executed without privilege, where Bun has played", () => {
    const before = rest.findIndex(({ part }) => part.action === EXECUTION);
    const own = rest.filter(({ part }) => part.action === EXECUTION);
    const executions = own.filter(({ operation }) => operation === "execve");
    expect(executions.flatMap(textsOf)).toEqual(["/proc/self/exe"]);
    const names = rest.slice(before - 2, before).map(callOf);
    expect(names).toEqual(["setresuid", "prctl PR_SET_NO_NEW_PRIVS"]);
  });
});

/** The numbers of the system calls before the player. */
function callsOf(entry: Uint8Array): readonly number[] {
  const code = disassemble(entry);
  const player = code.findIndex(({ name }) => name === "push");
  return code.slice(0, player).flatMap(({ name }, index) => {
    if (name !== "syscall") return [];
    const number = /^mov eax,(0x[0-9a-f]+)$/.exec(code[index - 1]!.text)?.[1];
    return [Number(number)];
  });
}

describe("the entry", () => {
  const addresses = {
    memory: 1,
    memorySize: 2,
    state: 3,
    stateImage: 4,
    stateImageSize: 5,
    program: 6,
    stack: 7,
    nextStack: 8,
    player: null,
    packing: null,
  };

  rule(
    "makes three system calls before the player: mmap, or write and exit_group",
    ["program:objdump"],
    () => {
      const numbers = callsOf(assembleEntry(addresses));
      expect(numbers).toEqual([
        SYSCALL.mmap,
        SYSCALL.write,
        SYSCALL.exit_group,
      ]);
      return Promise.resolve();
    },
  );

  rule(
    "of a packed file makes one more: whether its end is there",
    ["program:objdump"],
    () => {
      const packing = {
        file: 1,
        checksum: 2,
        codes: [3, 4, 5],
        tokens: [6, 7, 8, 9],
        memory: 10,
        memorySize: 11,
        rows: 12,
        shapes: 13,
        shapeCount: 14,
        buffer: 15,
        streams: [16, 17, 18, 19, 20],
        image: 21,
        imageEnd: 22,
        late: 23,
        rest: 24,
      };
      expect(callsOf(assembleEntry({ ...addresses, packing }))).toEqual([
        SYSCALL.access,
        SYSCALL.mmap,
        SYSCALL.write,
        SYSCALL.exit_group,
      ]);
      return Promise.resolve();
    },
  );

  rule(
    "asks for the wanted address and takes no other",
    ["program:objdump"],
    () => {
      const text = disassemble(assembleEntry(addresses)).map((it) => it.text);
      const call = text.indexOf("syscall");
      expect(text[call + 1]).toBe("cmp rax,rdi");
      expect(text[call + 2]).toMatch(/^jne /);
      // MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED_NOREPLACE, PROT_READ|PROT_WRITE
      expect(text.slice(0, call)).toContain("mov r10d,0x100022");
      expect(text.slice(0, call)).toContain("mov edx,0x3");
      return Promise.resolve();
    },
  );
});
