/**
 * Holds every number, struct size and offset of this folder against the C
 * headers of the machine: `bun syscalls/check-abi.ts`. The C is only compiled,
 * never run: each fact is a static assertion.
 */

import {
  GROUPS,
  type ConstantRow,
  type Group,
  type StructRow,
} from "./check-abi.table.ts";
import { parseHeader } from "./arch/x86_64/generate-numbers.ts";
import { SYSCALL } from "./arch/x86_64/numbers.table.ts";
import { ERRNO } from "./errno.table.ts";

export interface AbiReport {
  /** How many facts C was asked about, the skipped included. */
  readonly facts: number;
  /** What the compiler contradicts, and names that only the headers know. */
  readonly failures: readonly string[];
  /** Names that are newer than the headers. */
  readonly skipped: readonly string[];
}

const SKIPPED = "newer than the headers:";

/** Why this machine cannot check, or null if it can. */
export function probeObstacle(): string | null {
  if (process.arch !== "x64") return "the tables checked are those of x86-64";
  if (Bun.which("cc") === null) return "there is no C compiler named cc";
  const headers = compile(
    "#include <linux/unistd.h>\n#include <sys/types.h>\n",
    ["-fsyntax-only"],
  );
  return headers.exitCode === 0
    ? null
    : "the headers of the kernel or of libc are missing";
}

export function checkAbi(): AbiReport {
  const failures: string[] = findMissing();
  const skipped: string[] = [];
  let facts = 0;
  for (const group of GROUPS) {
    const source = renderGroup(group);
    const { output, exitCode } = compile(source, [
      "-fsyntax-only",
      "-fmax-errors=0",
    ]);
    const errors = output.split("\n").filter((line) => /\berror: /.test(line));
    if (exitCode !== 0 && errors.length === 0) errors.push(output);
    failures.push(...errors);
    for (const [, name = ""] of output.matchAll(
      new RegExp(`message: ${SKIPPED} (.+?)['’]`, "g"),
    )) {
      skipped.push(name);
    }
    facts += source.split("_Static_assert").length - 1;
  }
  return { facts, failures, skipped };
}

/** One C file. */
export function renderGroup(group: Group): string {
  return [
    "#include <linux/version.h>",
    "#include <stddef.h>",
    ...group.headers.map((header) => `#include <${header}>`),
    group.prelude ?? "",
    "#define FIELD(type, field) sizeof(((type *)0)->field)",
    ...group.constants.flatMap(renderConstants),
    ...group.structs.flatMap(renderStruct),
    "",
  ].join("\n");
}

function renderConstants(row: ConstantRow): readonly string[] {
  return Object.entries(row.values).flatMap(([name, value]) => {
    const c = row.rename?.[name] ?? row.prefix + name;
    const literal = value > 0x7fff_ffff ? `${value}ull` : `${value}ll`;
    return guard(row.newer?.[name], c, [
      `_Static_assert((unsigned long long)(${c}) == (unsigned long long)${literal}, "${c} is not ${value}");`,
    ]);
  });
}

function renderStruct(row: StructRow): readonly string[] {
  const { type, layout } = row;
  const size = `_Static_assert(sizeof(${type}) == ${layout.size}, "${type} is not of ${layout.size} bytes");`;
  const fields = Object.entries(layout.fields).flatMap(([name, field]) => {
    const c = row.rename?.[name] ?? (row.prefix ?? "") + name;
    const place = `offsetof(${type}, ${c}) == ${field.offset}`;
    // Text at the end has no size in C, or that of the longest name.
    const extent =
      field.size === 0 ? "" : ` && FIELD(${type}, ${c}) == ${field.size}`;
    return guard(row.newer?.[name], `${type} ${c}`, [
      `_Static_assert(${place}${extent}, "${type}: ${c} is not ${field.size} bytes at ${field.offset}");`,
    ]);
  });
  return guard(row.since, type, row.headOnly ? fields : [size, ...fields]);
}

/** The assertions, left out and noted where the headers are older than the fact. */
function guard(
  since: string | undefined,
  name: string,
  assertions: readonly string[],
): readonly string[] {
  if (since === undefined) return assertions;
  return [
    `#if LINUX_VERSION_CODE >= KERNEL_VERSION(${since.replace(".", ",")},0)`,
    ...assertions,
    "#else",
    `#pragma message "${SKIPPED} ${name} (Linux ${since})"`,
    "#endif",
  ];
}

/** Calls and errnos of the headers that the tables lack. */
function findMissing(): string[] {
  const { output } = compile(
    "#include <linux/unistd.h>\n#include <linux/errno.h>\n",
    ["-dM", "-E"],
  );
  const calls = parseHeader(output)
    .filter(([name]) => !(name in SYSCALL))
    .map(
      ([name]) =>
        `the header has a system call "${name}": run generate-numbers.ts`,
    );
  const errnos = [...output.matchAll(/^#define (E[A-Z0-9]+) \d+$/gm)]
    .filter(([, name = ""]) => !(name in ERRNO))
    .map(
      ([, name]) =>
        `the header has an errno "${name}": add it to errno.table.ts`,
    );
  return [...calls, ...errnos];
}

function compile(source: string, options: readonly string[]) {
  const { stdout, stderr, exitCode } = Bun.spawnSync(
    ["cc", "-std=gnu11", "-D_GNU_SOURCE", "-x", "c", ...options, "-"],
    {
      stdin: Buffer.from(source),
      env: { ...process.env, LC_ALL: "C" },
    },
  );
  return { output: `${stdout.toString()}${stderr.toString()}`, exitCode };
}

if (import.meta.main) {
  const obstacle = probeObstacle();
  if (obstacle !== null) {
    console.error(`Cannot check the ABI: ${obstacle}`);
    process.exit(1);
  }
  const { facts, failures, skipped } = checkAbi();
  for (const name of skipped) console.log(`skipped: ${name}`);
  for (const failure of failures) console.error(failure);
  console.log(
    `${facts} facts, ${skipped.length} names skipped, ${failures.length} wrong`,
  );
  if (failures.length > 0) process.exit(1);
}
