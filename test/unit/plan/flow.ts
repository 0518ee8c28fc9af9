/** Which steps of a Program may follow which: for rules that hold on every way through it. */

import type { Label, Program, Step } from "../../../syscalls/program.ts";

/** A step and the indices of those that may follow it. */
export interface Flow {
  readonly program: Program;
  readonly after: (index: number) => readonly number[];
}

/** These end the process or become another program where they succeed. */
const ENDINGS = new Set(["exit_group", "stop"]);

export function flowOf(program: Program): Flow {
  const at = (label: Label) => program.labels.get(label)!;
  const returns = returnsOf(program, at);
  const after = (index: number): readonly number[] => {
    const step = program.steps[index]!;
    const { operation, target, failure, isCall } = step;
    if (ENDINGS.has(operation)) return [];
    if (operation === "fail") return [at(target!)];
    if (operation === "jump") {
      const [to] = step.operands;
      if (typeof to === "object" && to.kind === "label") return [at(to)];
      if (typeof to === "object" && to.kind === "slot")
        return returns.get(to.index) ?? [];
      throw new RangeError("a jump to a number");
    }
    const failed =
      isCall && failure === "continue"
        ? []
        : target === null
          ? []
          : [at(target)];
    if (/^execve(at)?$/.test(operation) && failure !== "continue")
      return failed;
    return [...failed, index + 1];
  };
  return { program, after };
}

/** Where a jump to a slot may go: wherever a `set` of that slot says. */
function returnsOf(
  { steps }: Program,
  at: (label: Label) => number,
): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, number[]>();
  for (const { operation, operands, result } of steps) {
    const [value] = operands;
    if (
      operation !== "set" ||
      typeof value !== "object" ||
      value.kind !== "label"
    )
      continue;
    found.set(result!.index, [...(found.get(result!.index) ?? []), at(value)]);
  }
  return found;
}

/** Walks all ways from the first step, with a state that steps change; each pair of step and state once. */
export function walk<S extends string>(
  { program, after }: Flow,
  start: S,
  visit: (step: Step, state: S) => S,
): void {
  const seen = new Set<string>();
  const left: [number, S][] = [[0, start]];
  for (;;) {
    const next = left.pop();
    if (next === undefined) return;
    const [index, state] = next;
    if (seen.has(`${index} ${state}`)) continue;
    seen.add(`${index} ${state}`);
    const step = program.steps[index];
    if (step === undefined)
      throw new RangeError("the Program runs over its end");
    const changed = visit(step, state);
    for (const following of after(index)) left.push([following, changed]);
  }
}

/** The indices that can be reached from `from` (without it, unless in a loop), avoiding steps. */
export function reachable(
  { program, after }: Flow,
  from: number,
  avoid: (step: Step) => boolean = () => false,
): ReadonlySet<number> {
  const seen = new Set<number>();
  const left = [...after(from)];
  for (let index = left.pop(); index !== undefined; index = left.pop()) {
    if (seen.has(index) || avoid(program.steps[index]!)) continue;
    seen.add(index);
    left.push(...after(index));
  }
  return seen;
}

/** Whether every way from the start to a step that `is` passes one that `passes`. */
export function always(
  flow: Flow,
  is: (step: Step) => boolean,
  passes: (step: Step) => boolean,
): boolean {
  const steps = [...reachable(flow, 0, passes)];
  return !steps.some((index) => is(flow.program.steps[index]!));
}

/** Whether no step that `is` can come behind one that `behind`. */
export function never(
  flow: Flow,
  is: (step: Step) => boolean,
  behind: (step: Step) => boolean,
): boolean {
  const { steps } = flow.program;
  return steps.every(
    (step, index) =>
      !behind(step) ||
      ![...reachable(flow, index)].some((later) => is(steps[later]!)),
  );
}
