/** `selfdock bake`: an instance as a program of its own. */

import { kernelListsMounts } from "../launch/probe-mounts.ts";
import { giveUpSavedRoot } from "../launch/give-up-root.ts";
import { probeSubordinateIds } from "../launch/probe-subordinate-ids.ts";
import type { Handover } from "../launch/read-handover.ts";
import { writeBaked } from "../launch/write-baked.ts";
import { quote } from "../plan/bytes.ts";
import { SelfdockError } from "../plan/error.ts";
import { UNLISTED } from "../plan/plan-mount-listing.ts";
import { dependsOnIds } from "../stage0/baked/recipe.ts";
import { bakeRecipe, renderBaked, renderOwner } from "./baked.ts";
import type { Invocation } from "./invocation.ts";
import { writeOutput } from "./output.ts";
import { warnOneId, writeNote } from "./report.ts";

export function bake(
  { file, request: asked, dryRun, name }: Extract<Invocation, { kind: "bake" }>,
  handover: Handover,
): void {
  giveUpSavedRoot(handover);
  if (!kernelListsMounts())
    throw new SelfdockError(
      "launch",
      `Cannot bake: ${UNLISTED.state}`,
      UNLISTED.hint,
    );
  // What the config of an image says is in the request by now.
  const request = { ...asked, imageConfig: false };
  const { uid, gid } = handover;
  const subordinate = request.asRoot ? probeSubordinateIds(handover) : null;
  if (subordinate !== null && "missing" in subordinate)
    warnOneId(subordinate.missing, handover.environment);
  const owner = dependsOnIds(request) ? { uid, gid } : null;
  const recipe = { request, owner, subordinate };
  const baked = bakeRecipe(recipe, name);
  if (dryRun !== null) return writeOutput(renderBaked(dryRun, baked, recipe));
  writeBaked(file, baked.bytes, handover);
  writeNote(
    `${quote(file)} is ${renderOwner(recipe.owner)}`,
    handover.environment,
  );
}
