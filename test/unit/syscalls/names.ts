/** What operands are called in print. */

import type { Operand } from "../../../syscalls/program.ts";

function made(name: string | (() => string)): string {
  return typeof name === "string" ? name : name();
}

/** The word of a number that has one, as `PR_SET_NAME`; else nothing. */
export function shownAs(operand: Operand | undefined): string {
  return typeof operand === "object" && operand.kind === "shown"
    ? made(operand.text)
    : "";
}

/** The name of data, a slot or a label; else nothing. */
export function nameOf(operand: Operand | undefined): string {
  return typeof operand === "object" && "name" in operand
    ? made(operand.name)
    : "";
}
