/** Programs as plain data, for JSON and for a summary: parts, their steps, and every name. */

import { nameOf } from "./program.ts";
import type { Failure, Operand, Part, Program, Step } from "./program.ts";
import { escapeText, labelNames, renderStep } from "./render.ts";

/** What a step takes, by its name; numbers that JSON cannot hold are in hex. */
export type RenderedOperand =
  | number
  | string
  /** A number with its meaning: the names of its flags. */
  | { readonly value: number | string; readonly meaning: string }
  | { readonly slot: string }
  /** A constant text, its unprintable bytes as `\xHH` and a backslash doubled. */
  | { readonly text: string }
  | { readonly data: string; readonly bytes: number }
  | { readonly address: string; readonly offset: number }
  | { readonly label: string };

export interface RenderedStep {
  readonly index: number;
  /** The places that lead here. */
  readonly labels: readonly string[];
  /** A system call, or else a control operation of the player. */
  readonly call: string | null;
  readonly control: string | null;
  readonly operands: readonly RenderedOperand[];
  /** The slot that keeps the result. */
  readonly result: string | null;
  /** What a call's failure leads to: the Program's end, the next step, or a label. */
  readonly failure: "end" | "go on" | { readonly label: string } | null;
  /** Where a control operation may lead. */
  readonly target: string | null;
  /** The step as `--dry-run=steps` prints it. */
  readonly print: string;
}

export interface RenderedPart {
  readonly action: string;
  readonly steps: readonly RenderedStep[];
}

/** The parts in the order of their first steps; one that is come back to stands again. */
export function renderParts(program: Program): readonly RenderedPart[] {
  const names = labelNames(program);
  const parts: { of: Part; action: string; steps: RenderedStep[] }[] = [];
  program.steps.forEach((step, index) => {
    let last = parts.at(-1);
    if (last?.of !== step.part) {
      last = { of: step.part, action: step.part.action, steps: [] };
      parts.push(last);
    }
    last.steps.push(renderOne(step, index, names.get(index) ?? []));
  });
  return parts.map(({ action, steps }) => ({ action, steps }));
}

function renderOne(
  step: Step,
  index: number,
  labels: readonly string[],
): RenderedStep {
  const { operation, isCall, result, target } = step;
  return {
    index,
    labels,
    call: isCall ? operation : null,
    control: isCall ? null : operation,
    operands: step.operands.map(renderOperand),
    result: result === null || result.name === "discarded" ? null : result.name,
    failure: isCall ? renderFailure(step.failure) : null,
    target: isCall ? null : (target?.name ?? null),
    print: renderStep(step),
  };
}

function renderFailure(failure: Failure): RenderedStep["failure"] {
  if (failure === "fault") return "end";
  return failure === "continue" ? "go on" : { label: failure.name };
}

function renderNumber(value: number | bigint): number | string {
  if (Number.isSafeInteger(Number(value))) return Number(value);
  return `0x${BigInt.asUintN(64, BigInt(value)).toString(16)}`;
}

function renderOperand(operand: Operand): RenderedOperand {
  if (typeof operand !== "object") return renderNumber(operand);
  switch (operand.kind) {
    case "shown":
      return {
        value: renderNumber(operand.value),
        meaning: nameOf(operand.text),
      };
    case "slot":
      return { slot: operand.name };
    case "label":
      return { label: operand.name };
    case "data":
      return operand.text === null
        ? { data: escapeText(nameOf(operand.name)), bytes: operand.size }
        : { text: escapeText(operand.text.replaceAll("\\", "\\\\")) };
    case "address":
      return { address: nameOf(operand.of.name), offset: operand.offset };
  }
}
