/** The library: see selfdock.d.ts, which says what each of these does. */

import { fleetOf, makePlan } from "./library/make-plan.ts";
import { runBatch } from "./library/run-batch.ts";
import { runCommand } from "./library/run-command.ts";
import { spawnCommand } from "./library/spawn-command.ts";
import { SelfdockError } from "./plan/error.ts";
import type * as selfdock from "./selfdock.d.ts";

export { SelfdockError };

export const plan: typeof selfdock.plan = makePlan;

export const run: typeof selfdock.run = (command, options = {}) =>
  Promise.try(() => {
    const [fleet, rest] = fleetOf(options);
    return runCommand(fleet, command, rest);
  });

export const spawn: typeof selfdock.spawn = (command, options = {}) =>
  Promise.try(() => {
    const [fleet, rest] = fleetOf(options);
    return spawnCommand(fleet, command, rest);
  });

export const batch: typeof selfdock.batch = (commands, options = {}) => {
  // Now for its errors, and again when the first result is asked for.
  const [, rest] = fleetOf(options);
  return runBatch(() => fleetOf(options)[0], commands, rest);
};
