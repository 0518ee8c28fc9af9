/**
 * What a baked file must know to say which step failed: for each step its
 * action, its subject and its call, and the names and texts of errnos. Rows of
 * offsets into one pool of texts.
 */

import { ERRNO, ERRNO_TABLE } from "../../../syscalls/errno.table.ts";
import type { Program, Step } from "../../../syscalls/program.ts";
import { encodeStruct, layout, u16 } from "../../../syscalls/struct.ts";
import type { Fields, Layout, Values } from "../../../syscalls/struct.ts";
import { bytesOf } from "../../plan/bytes.ts";
import { subjectOf } from "../../plan/failure-words.ts";
import type { Launch } from "../../plan/plan-instance.ts";
import { refusalOf } from "../../plan/user-namespace-words.ts";

/** One step; the action is empty where it stands in a subroutine: then its context has one. */
export const STEP_ROW = layout(10, {
  number: u16(0),
  action: u16(2),
  subject: u16(4),
  call: u16(6),
  /** One of REFUSAL. */
  refusal: u16(8),
});

/** How the failure tells of user namespaces. */
export const REFUSAL = { none: 0, rights: 1, any: 2, proc: 3 } as const;

export const ERRNO_ROW = layout(6, {
  number: u16(0),
  name: u16(2),
  text: u16(4),
});

/** Behind the last row: no step and no errno has the number. */
export const END_OF_ROWS = 0xffff;

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

/** Texts, each once, NUL-terminated; offset 0 is the empty one. */
export class TextPool {
  readonly #offsets = new Map<string, number>([["", 0]]);
  #bytes = Buffer.from([0]);

  /** Where the text is; for people, so in UTF-8. */
  offsetOf(text: string): number {
    const known = this.#offsets.get(text);
    if (known !== undefined) return known;
    const offset = this.#bytes.length;
    this.#offsets.set(text, offset);
    const bytes = Buffer.from(`${bytesOf(text)}\0`, "latin1");
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    return offset;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }
}

/** The rows of a launch's steps. */
export function launchRows(
  { program, subroutines }: Launch,
  pool: TextPool,
): Uint8Array {
  return stepRows(program, (step) => {
    const action = step.part.action === subroutines ? "" : step.part.action;
    return {
      action: pool.offsetOf(action),
      subject: pool.offsetOf(subjectOf(step, action)),
      call: pool.offsetOf(step.operation),
      refusal: REFUSAL[refusalOf(step) ?? "none"],
    };
  });
}

/** The rows of the starter's steps. */
export function starterRows(program: Program, pool: TextPool): Uint8Array {
  return stepRows(program, ({ part, operation }) => ({
    action: pool.offsetOf(part.action),
    call: pool.offsetOf(operation),
  }));
}

/** The action of each part, by its index. */
export function contextRows({ program }: Launch, pool: TextPool): Uint8Array {
  const rows = new Uint16Array(
    program.parts.map(({ action }) => pool.offsetOf(action)),
  );
  return new Uint8Array(rows.buffer);
}

export function errnoRows(pool: TextPool): Uint8Array {
  const known = [...ERRNO_TABLE].filter(
    ([number]) =>
      !FOREIGN.some(([first, last]) => number >= first && number <= last),
  );
  const rows = known.map(([number, { name, text }]) => ({
    number,
    name: pool.offsetOf(name),
    text: pool.offsetOf(text),
  }));
  return join(ERRNO_ROW, rows);
}

function stepRows(
  { steps }: Program,
  row: (step: Step) => Omit<Values<(typeof STEP_ROW)["fields"]>, "number">,
): Uint8Array {
  return join(
    STEP_ROW,
    steps.flatMap((step, number) => {
      const mayFail = step.isCall || step.operation === "fail";
      // What is tolerated, or tried otherwise, is not told.
      return mayFail && step.failure === "fault"
        ? [{ number, ...row(step) }]
        : [];
    }),
  );
}

function join<F extends Fields>(
  struct: Layout<F>,
  rows: readonly Values<F>[],
): Uint8Array {
  const end = new Uint8Array(2).fill(0xff);
  return Buffer.concat([...rows.map((row) => encodeStruct(struct, row)), end]);
}
