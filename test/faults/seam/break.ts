/** How a test tells the variant with the seam what to break. */

export const BREAK_VARIABLE = "SELFDOCK_BREAK_STEP=";

/** The status with which a process ends at a step that was to be reached. */
export const REACHED_STATUS = 77;

export interface Break {
  /** `fail`: the call fails with ENOSYS. `reach`: who comes to it ends there. */
  readonly how: "fail" | "reach";
  /** The step's number in the Program of the launch. */
  readonly step: number;
}
