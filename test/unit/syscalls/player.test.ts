/**
 * The player as a disassembler reads it. All its privilege rests on what is
 * *not* in it: nothing touches the stack between the first instructions and
 * `stop`, since after the clone that stack belongs to a sleeping parent; but for
 * the one call by which a Program performs another.
 */

import { describe, expect } from "bun:test";
import { assemblePlayer } from "../../../syscalls/arch/x86_64/player.ts";
import { CONTROL } from "../../../syscalls/record.ts";
import { rule } from "../../harness/needs.ts";
import { disassemble } from "./objdump.ts";

/** All that the player is made of; nothing that is privileged, floating or indirect but the one `jmp`. */
const ALLOWED = new Set(
  "mov movzx movsxd lea bt cmp add sub and or shl shr jmp je jne jl jb jae syscall movs scas push pop call ret".split(
    " ",
  ),
);
const ON_THE_STACK = new Set("push pop call ret enter leave".split(" "));

const code = assemblePlayer();

/** The player in its three parts: code, the table of operations, their code. */
function readPlayer() {
  const [load] = disassemble(code).filter(({ name }) => name === "lea");
  const table = load!.at + load!.size + read(load!.at + 3);
  const operations = table + 4 * CONTROL.length;
  return {
    table,
    instructions: [
      ...disassemble(code, { stop: table }),
      ...disassemble(code, { start: operations }),
    ],
    entries: CONTROL.map((_, index) => table + read(table + 4 * index)),
  };
}

function read(at: number): number {
  return new DataView(code.buffer).getInt32(at, true);
}

function needingObjdump(name: string, body: () => void): void {
  rule(name, ["program:objdump"], () => {
    body();
    return Promise.resolve();
  });
}

describe("the player", () => {
  needingObjdump("is made of known instructions, every byte of it", () => {
    const { instructions, table } = readPlayer();
    let end = 0;
    for (const { at, size, name, text } of instructions) {
      expect(at).toBe(end);
      expect(`${ALLOWED.has(name)} ${text}`).toBe(`true ${text}`);
      end = at + size;
      if (end === table) end += 4 * CONTROL.length;
    }
    expect(end).toBe(code.length);
  });

  needingObjdump("never touches the stack but to enter and to stop", () => {
    const { instructions, entries } = readPlayer();
    const nested = entries[CONTROL.indexOf("perform")]!;
    const stop = entries[CONTROL.indexOf("stop")]!;
    const [head, rest] = [instructions.slice(0, 4), instructions.slice(4)];
    expect(head.map(({ text }) => text)).toEqual([
      "push rbx",
      "push rbp",
      "mov rbx,rdi",
      "mov rbp,rsi",
    ]);
    const tail = rest.filter(({ at }) => at >= stop).map(({ text }) => text);
    expect(tail).toEqual(["mov rax,rdi", "pop rbp", "pop rbx", "ret"]);
    for (const { at, name, text } of rest) {
      if (at >= stop) continue;
      if (at === nested) {
        expect(text).toBe("call 0x0");
        continue;
      }
      expect(text).not.toMatch(/\b[re]?spl?\b/);
      expect(`${ON_THE_STACK.has(name)} ${text}`).toBe(`false ${text}`);
    }
  });

  needingObjdump(
    "enters the kernel at one place, with the sixth argument in r9",
    () => {
      const { instructions } = readPlayer();
      const calls = instructions.filter(({ name }) => name === "syscall");
      expect(calls).toHaveLength(1);
      const before = instructions.filter(({ at }) => at < calls[0]!.at);
      const loads = before.flatMap(
        ({ text }) => /^mov (\w+),QWORD PTR \[rbx/.exec(text)?.[1] ?? [],
      );
      expect(loads).toEqual(["rdi", "rsi", "rdx", "r10", "r8", "r9"]);
    },
  );

  needingObjdump("jumps only to instructions of its own", () => {
    const { instructions, entries } = readPlayer();
    const places = new Set(instructions.map(({ at }) => at));
    for (const entry of entries) expect(places).toContain(entry);
    const jumps = instructions.filter(({ name }) => name.startsWith("j"));
    const targets = jumps.map(({ text }) => text.split(" ")[1]!);
    expect(targets.filter((target) => target === "rax")).toHaveLength(1);
    for (const target of targets)
      if (target !== "rax") expect(places).toContain(Number(target));
  });

  needingObjdump(
    "writes the registers of record and state nowhere but where it moves on",
    () => {
      const written = readPlayer().instructions.filter(({ text }) =>
        /^\w+ (?:[re]?b[xp]|bp?l)(?:,|$)/.test(text),
      );
      const changes = written.filter(
        ({ name }) => !["cmp", "bt", "push"].includes(name),
      );
      expect(changes.map(({ text }) => text)).toEqual([
        "mov rbx,rdi",
        "mov rbp,rsi",
        "add rbx,0x48",
        "mov rbx,QWORD PTR [rbx+0x40]",
        "mov rbx,rdi",
        "pop rbp",
        "pop rbx",
      ]);
    },
  );
});
