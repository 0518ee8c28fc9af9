/** Descriptors that a program hands over by their numbers. */

import { fstatSync } from "node:fs";
import { SelfdockError } from "../plan/error.ts";

/** Throws what the message says if there is no such descriptor. */
export function requireOpen(descriptor: number, message: string): void {
  try {
    fstatSync(descriptor);
  } catch (cause) {
    throw new SelfdockError("launch", message, null, cause);
  }
}
