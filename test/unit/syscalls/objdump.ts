/** Machine code as objdump reads it: somebody else's view of what we assemble. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "pathe";

/** One instruction in Intel's syntax, spaces single, comments off. */
export interface Instruction {
  readonly at: number;
  readonly size: number;
  readonly text: string;
  /** The first word that is no prefix, as `mov`. */
  readonly name: string;
}

/** Disassembles `code`, or the part of it from `start` to `stop`. */
export function disassemble(
  code: Uint8Array,
  { start = 0, stop = code.length }: { start?: number; stop?: number } = {},
): readonly Instruction[] {
  const directory = mkdtempSync(join(tmpdir(), "selfdock-code-"));
  try {
    const file = join(directory, "code");
    writeFileSync(file, code);
    const { stdout, stderr, exitCode } = Bun.spawnSync([
      ..."objdump -D -b binary -m i386:x86-64 -M intel -w -z".split(" "),
      `--start-address=${start}`,
      `--stop-address=${stop}`,
      file,
    ]);
    if (exitCode !== 0) throw new Error(stderr.toString());
    return stdout.toString().split("\n").flatMap(parseInstruction);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** `  17:\t0f 83 04 00 00 00 \tjae    0x21`; objdump says `rex` of a prefix that changes nothing. */
function parseInstruction(line: string): Instruction[] {
  const match = /^ *([0-9a-f]+):\t([0-9a-f ]+)\t(.*)$/.exec(line);
  if (match === null) return [];
  const text = match[3]!
    .replace(/#.*/, "")
    .replace(/^rex(\.[A-Z]+)? /, "")
    .replaceAll(/\s+/g, " ")
    .trim();
  return [
    {
      at: Number.parseInt(match[1]!, 16),
      size: match[2]!.trim().split(" ").length,
      text,
      name: text.replace(/^(repz?|repnz) /, "").split(" ")[0]!,
    },
  ];
}
