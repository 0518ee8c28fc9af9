/** How a test tells the variant with the seam what to break. */

export const BREAK_VARIABLE = "SELFDOCK_BREAK_STEP";

/** The status with which a process ends at a step that was to be reached. */
export const REACHED_STATUS = 77;

/** The Program that the launcher plays, or that of the starter at pid 1. */
export type ProgramName = "launch" | "starter";

export interface Break {
  /** `fail`: the call fails with ENOSYS. `reach`: who comes to it ends there. */
  readonly how: "fail" | "reach";
  readonly program: ProgramName;
  readonly number: number;
}

export function renderBreak({ how, program, number }: Break): string {
  return `${how}:${program}:${number}`;
}

export function parseBreak(text: string): Break {
  const [how, program, number] = text.split(":");
  return { how, program, number: Number(number) } as Break;
}
