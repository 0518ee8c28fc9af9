/**
 * Builds dist/selfdock: `bun build --compile`, then stage 0 becomes the first
 * code that runs (src/stage0): its segment takes the place of PT_NOTE, the ELF
 * entry points at it, and PT_INTERP is hidden, so that the kernel starts stage 0
 * alone and it decides whether ld.so and Bun run at all.
 */

import {
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  writeFileSync,
  readFileSync,
} from "node:fs";
import type { BunPlugin } from "bun";
import { basename, dirname, join } from "pathe";
import { PF, PT, PT_HIDDEN } from "./syscalls/constants/elf.table.ts";
import {
  onlyHeader,
  parseExecutable,
  writeEntry,
  writeHeader,
  writeHeaderType,
} from "./syscalls/elf.ts";
import type { Executable } from "./syscalls/elf.ts";
import { ELF64_PHDR } from "./syscalls/structs.ts";
import { MEMORY_ADDRESS, STAGE0_ADDRESS } from "./src/stage0/handover.ts";
import { encodeStage0 } from "./src/stage0/image.ts";
import { makeReady } from "./src/stage0/ready-made.ts";
import { planStage0 } from "./src/stage0/plan-stage0.ts";
import { buildLibrary } from "./tools/build-library.ts";

const ROOT = import.meta.dirname;
const PAGE = 4096;

/** Compiles a program as Bun makes it, without stage 0. */
export async function compile(
  outfile: string,
  plugins: BunPlugin[],
  entry: string = join(ROOT, "src/commands/main.ts"),
): Promise<void> {
  const result = await Bun.build({
    entrypoints: [entry],
    root: ROOT,
    target: "bun",
    format: "esm",
    // What a launch does not need stands in files of its own, which it does not load.
    splitting: true,
    bytecode: true,
    minify: true,
    plugins,
    compile: {
      outfile,
      autoloadDotenv: false,
      autoloadBunfig: false,
      autoloadTsconfig: false,
      autoloadPackageJson: false,
    },
  });
  if (!result.success)
    throw new AggregateError(result.logs, "bun build failed");
}

/** The executable with stage 0 in front. */
export function addStage0(original: Uint8Array, readsLine = true): Uint8Array {
  const before = parseExecutable(original);
  const interpreter = onlyHeader(before, "INTERP");
  const ready = makeReady();
  const program = planStage0(
    {
      entry: before.entry,
      interpreter: textAt(before, interpreter.offset, interpreter.fileSize),
      interpreterHeader: headerAddress(before, interpreter.index),
    },
    ready,
    readsLine,
  );
  const image = encodeStage0(program, ready.embedded);
  checkRoom(before);
  const offset = Math.ceil(original.length / PAGE) * PAGE;
  const bytes = new Uint8Array(offset + image.length);
  bytes.set(original);
  bytes.set(image, offset);
  const after: Executable = { ...before, bytes };
  writeHeader(after, onlyHeader(before, "NOTE").index, {
    type: PT.LOAD,
    flags: PF.R | PF.X,
    offset,
    vaddr: STAGE0_ADDRESS,
    paddr: STAGE0_ADDRESS,
    filesz: image.length,
    memsz: image.length,
    align: PAGE,
  });
  writeHeaderType(after, interpreter.index, PT_HIDDEN);
  writeEntry(after, STAGE0_ADDRESS);
  return bytes;
}

/** A NUL-terminated text of the file. */
function textAt({ bytes }: Executable, offset: number, size: number): string {
  return Buffer.from(bytes.subarray(offset, offset + size - 1)).toString(
    "latin1",
  );
}

/** Where a program header is in memory. */
function headerAddress(executable: Executable, index: number): number {
  return onlyHeader(executable, "PHDR").address + index * ELF64_PHDR.size;
}

/** Stage 0 and its memory lie above everything else. */
function checkRoom({ headers }: Executable): void {
  const end = Math.max(
    ...headers.map(({ address, memorySize }) => address + memorySize),
  );
  if (end > MEMORY_ADDRESS)
    throw new RangeError(`the executable reaches up to 0x${end.toString(16)}`);
}

/** Writes the finished program to `outfile`. With plugins it is a variant, as tests need them: every line is Bun's. */
export async function build(
  outfile: string,
  plugins: BunPlugin[] = [],
): Promise<void> {
  // The file's own name goes into it, so it has that name from the beginning.
  const workshop = join(dirname(outfile), `partial-${process.pid}`);
  const partial = join(workshop, basename(outfile));
  mkdirSync(workshop, { recursive: true });
  try {
    await compile(partial, plugins);
    const readsLine = plugins.length === 0;
    writeFileSync(partial, addStage0(readFileSync(partial), readsLine));
    chmodSync(partial, 0o755);
    renameSync(partial, outfile);
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const directory = join(ROOT, "dist");
  mkdirSync(directory, { recursive: true });
  await buildLibrary(directory);
  // Last: its age says whether all is current.
  await build(join(directory, "selfdock"));
}
