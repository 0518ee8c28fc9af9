/** A baked file as bytes: a static ELF executable with a note that says what it was made of. elf(5). */

import { EM, ET, PF, PT } from "../../../syscalls/constants/elf.table.ts";
import { EMBEDDED_OFFSET } from "../../../syscalls/standalone.ts";
import { encodeStruct } from "../../../syscalls/struct.ts";
import { ELF64_EHDR, ELF64_PHDR } from "../../../syscalls/structs.ts";
import type { Program } from "../../../syscalls/program.ts";
import type { Bytes } from "../../plan/bytes.ts";
import type { Facts } from "../../plan/facts.ts";
import { planInstance } from "../../plan/plan-instance.ts";
import type { Launch } from "../../plan/plan-instance.ts";
import { STAGE0_ADDRESS } from "../handover.ts";
import { encodeStage0 } from "../image.ts";
import { encodeReady } from "../ready-made.ts";
import { planBaked } from "./plan-baked.ts";
import type { Recipe } from "./recipe.ts";

/** A baked file, and the Programs in it. */
export interface Baked {
  readonly bytes: Uint8Array;
  /** What makes the instance. */
  readonly launch: Launch;
  /** What is around it. */
  readonly frame: Program;
  /** Where the records of both begin in the file. */
  readonly records: Readonly<Record<"launch" | "frame", number>>;
}

const PAGE = 4096;
/** ELF magic, 64 bits, little endian, version 1. */
const IDENT = Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1);

/** Makes the file; `note` says for people and `explain` what it was made of. */
export function makeBaked(recipe: Recipe, note: Uint8Array): Baked {
  // The front puts the environment together, and finds whose the instance is.
  const request = { ...recipe.request, environment: [] };
  const launch = planInstance(request, bakedFacts(recipe));
  const { ready, embedded } = encodeReady(
    launch,
    STAGE0_ADDRESS + EMBEDDED_OFFSET,
    "baked",
  );
  const frame = planBaked(recipe, { ready, embedded });
  const image = encodeStage0(frame, embedded);
  const first = PAGE + EMBEDDED_OFFSET;
  const records = { launch: first, frame: first + embedded.bytes.length };
  return { bytes: writeFile(image, note), launch, frame, records };
}

/** What the planner is told: nothing of a caller but ids that the request depends on. */
function bakedFacts({ owner, subordinate }: Recipe): Facts {
  return {
    mode: "rootless",
    caller: {
      anybody: true,
      ...(owner ?? { uid: 1, gid: 1 }),
      // The front leaves them at the beginning.
      commandIndex: 0,
      environment: [],
      variableAddress: () => 0,
      directory: "/caller's directory" as Bytes,
    },
    covered: null,
    spawned: false,
    subordinate,
  };
}

function writeFile(image: Uint8Array, note: Uint8Array): Uint8Array {
  const noteAt = PAGE + Math.ceil(image.length / 8) * 8;
  const file = new Uint8Array(noteAt + note.length);
  const headers = [
    {
      type: PT.LOAD,
      flags: PF.R | PF.X,
      offset: PAGE,
      vaddr: STAGE0_ADDRESS,
      paddr: STAGE0_ADDRESS,
      filesz: image.length,
      memsz: image.length,
      align: PAGE,
    },
    {
      type: PT.NOTE,
      flags: PF.R,
      offset: noteAt,
      filesz: note.length,
      align: 4,
    },
    // Without it the kernel would make the stack executable.
    { type: PT.GNU_STACK, flags: PF.R | PF.W, align: 16 },
  ];
  const header = {
    ident: IDENT,
    type: ET.EXEC,
    machine: EM.X86_64,
    version: 1,
    entry: STAGE0_ADDRESS,
    phoff: ELF64_EHDR.size,
    ehsize: ELF64_EHDR.size,
    phentsize: ELF64_PHDR.size,
    phnum: headers.length,
  };
  file.set(encodeStruct(ELF64_EHDR, header));
  headers.forEach((each, index) =>
    file.set(
      encodeStruct(ELF64_PHDR, each),
      ELF64_EHDR.size + index * ELF64_PHDR.size,
    ),
  );
  file.set(image, PAGE);
  file.set(note, noteAt);
  return file;
}
