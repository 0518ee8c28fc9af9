/**
 * What a baked file must know to say which step failed: a list of texts, and for
 * each step the numbers of its own ones. Nothing tells where a text begins: who
 * wants the tenth passes over nine.
 */

import { SYSCALL } from "../../../syscalls/arch/x86_64/numbers.table.ts";
import type { SyscallName } from "../../../syscalls/arch/x86_64/numbers.table.ts";
import { ERRNO, ERRNO_TABLE } from "../../../syscalls/errno.table.ts";
import type { Program, Step } from "../../../syscalls/program.ts";
import { bytesOf } from "../../plan/bytes.ts";
import { subjectOf } from "../../plan/failure-words.ts";
import type { Launch } from "../../plan/plan-instance.ts";
import { refusalOf } from "../../plan/user-namespace-words.ts";

/** How the failure tells of user namespaces. */
export const REFUSAL = { none: 0, rights: 1, any: 2, proc: 3 } as const;

/** The action of a step in a subroutine: its context has one. */
export const OF_CONTEXT = 0xffff;

/** Errnos below it have two texts each, from the first on: name and text; empty where it has none. */
export const ERRNOS = Math.max(...ERRNO_TABLE.keys()) + 1;

/** Those of streams, of other systems, of libraries and of networks: none of a launch's calls fails so. */
const FOREIGN = [
  [ERRNO.ENOMSG, ERRNO.EBFONT],
  [ERRNO.ENOSTR, ERRNO.ENOSTR],
  [ERRNO.ETIME, ERRNO.ENOPKG],
  [ERRNO.EADV, ERRNO.ECOMM],
  [ERRNO.EMULTIHOP, ERRNO.EDOTDOT],
  [ERRNO.ENOTUNIQ, ERRNO.ELIBEXEC],
  [ERRNO.ERESTART, ERRNO.ESTRPIPE],
  [ERRNO.EDESTADDRREQ, ERRNO.ESOCKTNOSUPPORT],
  [ERRNO.EPFNOSUPPORT, ERRNO.EPFNOSUPPORT],
  [ERRNO.EADDRINUSE, ERRNO.ENETRESET],
  [ERRNO.EISCONN, ERRNO.EISCONN],
  [ERRNO.ESHUTDOWN, ERRNO.ETOOMANYREFS],
  [ERRNO.EALREADY, ERRNO.EINPROGRESS],
  [ERRNO.ENOTNAM, ERRNO.EISNAM],
] as const;

/** NUL-terminated texts for people, by number. */
export class TextList {
  readonly #texts: string[] = [];

  /** The number of the first of these, which stand in a row behind the others. */
  add(texts: readonly string[]): number {
    return this.#texts.push(...texts) - texts.length;
  }

  get bytes(): Uint8Array {
    const texts = this.#texts.map((text) => `${bytesOf(text)}\0`);
    return Buffer.from(texts.join(""), "latin1");
  }
}

/** Name and text of each errno below ERRNOS. */
export function errnoTexts(): readonly string[] {
  return Array.from({ length: ERRNOS }, (_, number) => {
    const known = ERRNO_TABLE.get(number);
    const foreign = FOREIGN.some(
      ([first, last]) => number >= first && number <= last,
    );
    return known === undefined || foreign ? ["", ""] : [known.name, known.text];
  }).flat();
}

/** The name of each call that the Programs make, by its number. */
export function callTexts(programs: readonly Program[]): readonly string[] {
  const names: string[] = [];
  for (const { operation, isCall } of programs.flatMap(({ steps }) => steps))
    if (isCall) names[SYSCALL[operation as SyscallName]] = operation;
  return Array.from(names, (name) => name ?? "");
}

/** Of each step of a launch. */
export interface Columns {
  /** Its part, or OF_CONTEXT. */
  readonly part: Uint8Array;
  /** The number of its subject's text. */
  readonly subject: Uint8Array;
  /** One of REFUSAL. */
  readonly refusal: Uint8Array;
}

export function launchColumns(
  { program, subroutines }: Launch,
  texts: TextList,
): Columns {
  const subjects = [""];
  const isShared = ({ part }: Step) => part.action === subroutines;
  const subject = column(program, (step) => {
    const text = subjectOf(step, isShared(step) ? "" : step.part.action);
    if (!subjects.includes(text)) subjects.push(text);
    return subjects.indexOf(text);
  });
  const first = texts.add(subjects);
  return {
    part: inBytes(
      column(program, (step) =>
        isShared(step) ? OF_CONTEXT : step.part.index,
      ),
    ),
    subject: inBytes(subject.map((index) => first + index)),
    refusal: inBytes(
      column(program, (step) => REFUSAL[refusalOf(step) ?? "none"]),
    ),
  };
}

/** The steps whose failure is told; what is tolerated, or tried otherwise, is not. */
export function isTold({ isCall, operation, failure }: Step): boolean {
  return (isCall || operation === "fail") && failure === "fault";
}

/** A value for each step; one that is not told has that of the step before, which takes the fewest bytes. */
function column({ steps }: Program, value: (step: Step) => number): number[] {
  let last = 0;
  return steps.map((step) => (last = isTold(step) ? value(step) : last));
}

function inBytes(values: readonly number[]): Uint8Array {
  return new Uint8Array(Uint16Array.from(values).buffer);
}
