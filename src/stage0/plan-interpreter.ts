/**
 * Maps the dynamic linker and gives it the process as the kernel would have,
 * but with one argument, no environment and a stack of its own making below
 * the caller's, which stays untouched. elf(5), ld.so(8).
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { close, openFile } from "../../syscalls/calls/files.ts";
import { flag, WORKING_DIRECTORY } from "../../syscalls/calls/operands.ts";
import { MAP, PROT } from "../../syscalls/constants/memory.table.ts";
import { O } from "../../syscalls/constants/open.table.ts";
import { AUX } from "../../syscalls/constants/process.table.ts";
import {
  compute,
  jump,
  jumpIf,
  load,
  loadField,
  loop,
  set,
  store,
  when,
} from "../../syscalls/control.ts";
import { union } from "../../syscalls/flags.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Data, Slot } from "../../syscalls/program.ts";
import { ELF64_EHDR, ELF64_PHDR } from "../../syscalls/structs.ts";
import { PF, PT } from "../../syscalls/constants/elf.table.ts";
import { handoverAddress } from "./handover.ts";
import type { Vectors } from "./plan-vectors.ts";
import { refuse, refusing } from "./refusal.ts";

/** What stage 0 must know of the executable that carries it. */
export interface Image {
  /** The address at which it would start without stage 0. */
  readonly entry: number;
  /** The path of its dynamic linker. */
  readonly interpreter: string;
  /** The address of its program header PT_INTERP, which the file hides. */
  readonly interpreterHeader: number;
}

const PAGE = 4096;
const PAGE_MASK = shown(-PAGE, "~0xfff");
/** Headers are at the start of the file: glibc's has 11 program headers. */
const HEADER_SIZE = 2048;
/** The new stack lies so far below the caller's, over the frames of the entry and the player. */
const STACK_GAP = 1024;
/** argc, argv[0], NULL, NULL: what lies below the auxiliary vector. */
const STACK_HEAD = 32;
const PRIVATE_FIXED = flag("MAP", union(MAP.PRIVATE, MAP.FIXED));
const PRIVATE_ANONYMOUS = flag("MAP", union(MAP.PRIVATE, MAP.ANONYMOUS));
const FIXED_ANONYMOUS = flag(
  "MAP",
  union(MAP.PRIVATE, MAP.ANONYMOUS, MAP.FIXED),
);
const READ_WRITE = flag("PROT", union(PROT.READ, PROT.WRITE));
const NO_FILE = shown(-1, "-1");

export function planInterpreter(
  p: ProgramBuilder,
  image: Image,
  vectors: Vectors,
): void {
  const base = p.slot("base of the dynamic linker");
  const entry = p.slot("entry of the dynamic linker");
  refusing(p, "map the dynamic linker", () => {
    const missing = p.label("no dynamic linker");
    const mapped = p.label("dynamic linker is mapped");
    p.faultsTo(missing, () =>
      planMapping(p, image.interpreter, { base, entry }),
    );
    jump(p, mapped);
    p.place(missing);
    refuse(
      p,
      `Cannot start: "${image.interpreter}" is missing here or cannot be loaded`,
    );
    p.place(mapped);
  });
  refusing(p, "show the dynamic linker its own program header", () => {
    const page = shown(
      image.interpreterHeader & -PAGE,
      "page of the program headers",
    );
    p.call("mprotect", [page, PAGE, READ_WRITE]);
    store(
      p,
      4,
      [image.interpreterHeader, ELF64_PHDR.fields.type.offset],
      PT.INTERP,
    );
    p.call("mprotect", [page, PAGE, flag("PROT", PROT.READ)]);
  });
  planStack(p, { base, entry: image.entry, vectors });
  p.part("go on into the dynamic linker", () => p.control("stop", [entry]));
}

/** Maps the segments of the shared object at a place of the kernel's choice. */
function planMapping(
  p: ProgramBuilder,
  path: string,
  { base, entry }: { base: Slot; entry: Slot },
): void {
  const file = openFile(p, [WORKING_DIRECTORY, p.text(path)], O.RDONLY, {
    result: "file",
  });
  const head = p.buffer("head of the dynamic linker", HEADER_SIZE);
  p.call("read", [file, head, HEADER_SIZE]);
  const [headers, count, at] = [
    p.slot("program headers"),
    p.slot("how many"),
    p.slot("header"),
  ];
  loadField(p, headers, [ELF64_EHDR, "phoff"], head);
  loadField(p, count, [ELF64_EHDR, "phnum"], head);
  compute(p, headers, [headers, "+", addressOf(head)]);
  const size = planImageSize(p, { headers, count, at });
  p.call(
    "mmap",
    [0, size, flag("PROT", PROT.NONE), PRIVATE_ANONYMOUS, NO_FILE, 0],
    { result: base },
  );
  loadField(p, entry, [ELF64_EHDR, "entry"], head);
  compute(p, entry, [entry, "+", base]);
  eachSegment(p, { headers, count, at }, () =>
    planSegment(p, { file, base, at }),
  );
  close(p, file);
}

interface Headers {
  readonly headers: Slot;
  readonly count: Slot;
  readonly at: Slot;
}

/** Performs `body` for each PT_LOAD, with `at` the address of its header. */
function eachSegment(
  p: ProgramBuilder,
  { headers, count, at }: Headers,
  body: () => void,
): void {
  const [left, type] = [p.slot("headers left"), p.slot("type")];
  set(p, left, count);
  set(p, at, headers);
  loop(p, "program headers", (leave) => {
    jumpIf(p, [left, "==", 0], leave);
    loadField(p, type, [ELF64_PHDR, "type"], at);
    when(p, [type, "==", PT.LOAD], body);
    compute(p, at, [at, "+", ELF64_PHDR.size]);
    compute(p, left, [left, "-", 1]);
  });
}

/** The end of the last segment: segments ascend. */
function planImageSize(p: ProgramBuilder, headers: Headers): Slot {
  const [end, length] = [p.slot("image size"), p.slot("length")];
  eachSegment(p, headers, () => {
    loadField(p, end, [ELF64_PHDR, "vaddr"], headers.at);
    loadField(p, length, [ELF64_PHDR, "memsz"], headers.at);
    compute(p, end, [end, "+", length]);
  });
  return end;
}

/** One segment: its pages of the file, zeros to the end of the last of them, zero pages behind. */
function planSegment(
  p: ProgramBuilder,
  { file, base, at }: { file: Slot; base: Slot; at: Slot },
): void {
  const slot = (name: string) => p.slot(`segment ${name}`);
  const [address, offset, inPage] = [
    slot("address"),
    slot("offset"),
    slot("offset in page"),
  ];
  const [fileEnd, memoryEnd, length] = [
    slot("file end"),
    slot("memory end"),
    slot("length"),
  ];
  loadField(p, address, [ELF64_PHDR, "vaddr"], at);
  compute(p, address, [address, "+", base]);
  loadField(p, fileEnd, [ELF64_PHDR, "filesz"], at);
  compute(p, fileEnd, [fileEnd, "+", address]);
  loadField(p, memoryEnd, [ELF64_PHDR, "memsz"], at);
  compute(p, memoryEnd, [memoryEnd, "+", address]);
  loadField(p, offset, [ELF64_PHDR, "offset"], at);
  compute(p, inPage, [address, "&", PAGE - 1]);
  compute(p, address, [address, "-", inPage]);
  compute(p, offset, [offset, "-", inPage]);
  compute(p, length, [fileEnd, "-", address]);
  const protection = planProtection(p, at);
  p.call("mmap", [address, length, protection, PRIVATE_FIXED, file, offset]);
  when(p, [fileEnd, "below", memoryEnd], () =>
    planZeros(p, { fileEnd, memoryEnd, protection }),
  );
}

/** PF_R, PF_W and PF_X of the header as PROT bits: the same three, in the other order. */
function planProtection(p: ProgramBuilder, at: Slot): Slot {
  const [flags, bit, protection] = [
    p.slot("segment flags"),
    p.slot("segment flag"),
    p.slot("protection"),
  ];
  loadField(p, flags, [ELF64_PHDR, "flags"], at);
  set(p, protection, PROT.NONE);
  for (const [from, to] of [
    [PF.R, PROT.READ],
    [PF.W, PROT.WRITE],
    [PF.X, PROT.EXEC],
  ] as const) {
    compute(p, bit, [flags, "&", from]);
    when(p, [bit, "!=", 0], () =>
      compute(p, protection, [protection, "|", to]),
    );
  }
  return protection;
}

function planZeros(
  p: ProgramBuilder,
  {
    fileEnd,
    memoryEnd,
    protection,
  }: { fileEnd: Slot; memoryEnd: Slot; protection: Slot },
): void {
  const [pageEnd, rest] = [p.slot("end of the last page"), p.slot("rest")];
  const zeros: Data = p.constant("{zeros}", new Uint8Array(PAGE));
  compute(p, pageEnd, [fileEnd, "+", PAGE - 1]);
  compute(p, pageEnd, [pageEnd, "&", PAGE_MASK]);
  compute(p, rest, [pageEnd, "-", fileEnd]);
  p.control("copy", [fileEnd, zeros, rest]);
  when(p, [pageEnd, "below", memoryEnd], () => {
    compute(p, rest, [memoryEnd, "-", pageEnd]);
    p.call("mmap", [pageEnd, rest, protection, FIXED_ANONYMOUS, NO_FILE, 0]);
  });
}

/** argc 1, one name, no environment, and a copy of the auxiliary vector with two entries changed. */
function planStack(
  p: ProgramBuilder,
  { base, entry, vectors }: { base: Slot; entry: number; vectors: Vectors },
): void {
  p.part("give the dynamic linker a stack with an empty environment", () => {
    const [key, value, from, to] = [
      p.slot("key"),
      p.slot("value"),
      p.slot("from"),
      p.slot("to"),
    ];
    const stack = p.slot("new stack");
    // How long is the auxiliary vector?
    set(p, from, vectors.auxiliary);
    loop(p, "to the end of the auxiliary vector", (leave) => {
      load(p, key, 8, [from, 0]);
      compute(p, from, [from, "+", 16]);
      jumpIf(p, [key, "==", AUX.NULL], leave);
    });
    compute(p, from, [from, "-", vectors.auxiliary]);
    load(p, stack, 8, [handoverAddress("stack"), 0]);
    compute(p, stack, [stack, "-", from]);
    compute(p, stack, [stack, "-", STACK_GAP + STACK_HEAD]);
    compute(p, stack, [stack, "&", shown(-16, "~0xf")]);
    store(p, 8, [handoverAddress("nextStack"), 0], stack);
    store(p, 8, [stack, 0], 1);
    store(p, 8, [stack, 8], p.text("selfdock"));
    store(p, 8, [stack, 16], 0);
    store(p, 8, [stack, 24], 0);
    set(p, from, vectors.auxiliary);
    compute(p, to, [stack, "+", STACK_HEAD]);
    loop(p, "auxiliary vector", (leave) => {
      load(p, key, 8, [from, 0]);
      load(p, value, 8, [from, 8]);
      when(p, [key, "==", AUX.BASE], () => set(p, value, base));
      when(p, [key, "==", AUX.ENTRY], () =>
        set(p, value, shown(entry, "entry of Bun")),
      );
      when(p, [key, "==", AUX.EXECFN], () =>
        store(p, 8, [handoverAddress("stringsEnd"), 0], value),
      );
      store(p, 8, [to, 0], key);
      store(p, 8, [to, 8], value);
      jumpIf(p, [key, "==", AUX.NULL], leave);
      compute(p, from, [from, "+", 16]);
      compute(p, to, [to, "+", 16]);
    });
  });
}
