/** Finding what a program has started. */

import { descendants, statusField, waitUntil } from "../harness/processes.ts";

/** Waits until some descendant is called so; its number. */
export async function running(
  { pid }: { readonly pid: number },
  name: string,
): Promise<number> {
  const find = () =>
    descendants(pid).find((each) => statusField(each, "Name") === name);
  await waitUntil(`${name} runs`, () => find() !== undefined);
  return find()!;
}
