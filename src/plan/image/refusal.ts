/** What is wrong with an image or an archive, said in the one form that all its readers use. */

import { SelfdockError } from "../error.ts";

/** The archive is refused; `state` says what is wrong with it. */
export function refuseArchive(
  state: string,
  hint: string | null = null,
): SelfdockError {
  return new SelfdockError("launch", `Cannot import: ${state}`, hint);
}
