/** The numbers that descriptors of our own get: what the command keeps has its own. */

/** Standard input, output and error are below. */
export const FIRST_OTHER_DESCRIPTOR = 3;

/** The first number above 2 that is not among them. */
function firstOther(kept: readonly number[]): number {
  for (let number = FIRST_OTHER_DESCRIPTOR; ; number++)
    if (!kept.includes(number)) return number;
}

/** The starter's end of its pipe, and the starter's file: the first two that are not kept. */
export function ownDescriptors(kept: readonly number[]): {
  readonly report: number;
  readonly executable: number;
} {
  const report = firstOther(kept);
  return { report, executable: firstOther([...kept, report]) };
}
