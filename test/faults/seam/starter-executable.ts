/** In the variant the starter is encoded at every launch, so that its steps can be broken, too. */

import { writeExecutable } from "../../../syscalls/elf-writer.ts";
import { planStarter } from "../../../src/plan/starter/starter-executable.ts";
import type { StarterKind } from "../../../src/plan/starter/starter-executable.ts";

export { planStarter } from "../../../src/plan/starter/starter-executable.ts";

export function starterExecutable(kind: StarterKind): Uint8Array {
  return writeExecutable(planStarter(kind));
}
