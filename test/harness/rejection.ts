/** Errors of the library. */

import { expect } from "bun:test";
import { SelfdockError } from "../../src/index.ts";

/** What a promise is rejected with. */
export async function errorOf(
  promise: Promise<unknown>,
): Promise<SelfdockError> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SelfdockError);
  return error as SelfdockError;
}
