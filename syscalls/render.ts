/** Programs as text: one step a line, under the purpose that it serves. */

import { nameOf } from "./program.ts";
import type { Operand, Program, Step } from "./program.ts";

const CONTROL_SIGN: Readonly<Record<string, string>> = {
  add: "+",
  subtract: "-",
  and: "&",
  or: "|",
  shiftLeft: "<<",
  shiftRight: ">>",
  jumpEqual: "==",
  jumpNotEqual: "!=",
  jumpLess: "<",
  jumpBelow: "below",
};

/** The whole Program for a person to read; ends with a newline. */
export function renderProgram(program: Program): string {
  const names = labelNames(program);
  const lines: string[] = [];
  program.steps.forEach((step, index) => {
    if (step.part !== program.steps[index - 1]?.part)
      lines.push(`# ${step.part.action}`);
    for (const name of names.get(index) ?? []) lines.push(`${name}:`);
    lines.push(`${String(index).padStart(5)}  ${renderStep(step)}`);
  });
  return `${lines.join("\n")}\n`;
}

/** One step: `root = open_tree(AT_FDCWD, "/", OPEN_TREE_CLONE)`. */
export function renderStep(step: Step): string {
  const result =
    step.result === null || step.result.name === "discarded"
      ? ""
      : `${step.result.name} = `;
  if (!step.isCall) return `${result}${renderControl(step)}`;
  const call = `${result}${step.operation}(${step.operands.map(renderOperand).join(", ")})`;
  if (step.failure === "fault") return call;
  return `${call} or ${step.failure === "continue" ? "go on" : step.failure.name}`;
}

function renderControl({ operation, operands, target }: Step): string {
  const [a, b, c] = operands.map(renderOperand);
  const sign = CONTROL_SIGN[operation];
  if (sign !== undefined)
    return target === null
      ? `${a} ${sign} ${b}`
      : `if ${a} ${sign} ${b}: go to ${target.name}`;
  if (operation === "set") return `${a}`;
  if (operation === "jump") return `go to ${a}`;
  if (operation === "fail") return `fail with ${a}`;
  if (operation === "stop") return `stop with ${a}`;
  if (operation.startsWith("load"))
    return `u${8 * Number(operation.slice(4))} at ${a} + ${b}`;
  if (operation.startsWith("store"))
    return `u${8 * Number(operation.slice(5))} at ${a} + ${b} = ${c}`;
  if (operation === "copy") return `copy ${c} bytes from ${b} to ${a}`;
  if (operation === "perform") return `perform ${a} with ${b}`;
  return `find byte ${c} in ${b} bytes at ${a}`;
}

function renderOperand(operand: Operand): string {
  if (typeof operand !== "object") return String(operand);
  switch (operand.kind) {
    case "shown":
      return nameOf(operand.text);
    case "slot":
      return operand.name;
    case "label":
      return operand.name;
    case "data":
      if (operand.text !== null) return renderText(operand.text);
      return `${operand.writable ? "&" : ""}${escapeText(nameOf(operand.name))}`;
    case "address":
      return operand.offset === 0
        ? `&${nameOf(operand.of.name)}`
        : `&${nameOf(operand.of.name)}+${operand.offset}`;
  }
}

/** In quotes, so that no byte of it can be taken for anything else. */
function renderText(text: string): string {
  return `"${escapeText(text.replaceAll(/["\\]/g, String.raw`\$&`))}"`;
}

/** Everything but printable ASCII as `\xHH`. */
export function escapeText(text: string): string {
  return text.replaceAll(
    /[^\x20-\x7e]/g,
    (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

/** The labels that stand before each step. */
export function labelNames(
  program: Program,
): ReadonlyMap<number, readonly string[]> {
  const names = new Map<number, string[]>();
  for (const [label, index] of program.labels)
    names.set(index, [...(names.get(index) ?? []), label.name]);
  return names;
}
