/** A planned instance for many uses, and the plans that are kept for the next call. */

import { identifyDirectory } from "../launch/many/probe-directory.ts";
import { renderPlan } from "../launch/render-plan.ts";
import type {
  BatchOptions,
  Command,
  Options,
  Plan,
  RunOptions,
  SpawnOptions,
} from "../selfdock.d.ts";
import { Fleet } from "./fleet.ts";
import { resolveRequest } from "./resolve-request.ts";
import { runBatch } from "./run-batch.ts";
import { runCommand } from "./run-command.ts";
import { spawnCommand } from "./spawn-command.ts";

/** A plan that nobody holds any more gives its spawners back. */
const unused = new FinalizationRegistry((fleet: Fleet) => fleet.retire());

/** Checks and plans; relative paths begin at the working directory as it is now. */
export function makePlan(options: Options = {}): Plan {
  const fleet = new Fleet(resolveRequest(options));
  const plan: Plan = {
    get text() {
      return renderPlan(fleet.request, fleet.facts).text;
    },
    get steps() {
      return renderPlan(fleet.request, fleet.facts).steps;
    },
    run: (command: Command, more: RunOptions = {}) =>
      runCommand(fleet, command, more),
    spawn: (command: Command, more: SpawnOptions = {}) =>
      spawnCommand(fleet, command, more),
    batch: (commands, more: BatchOptions = {}) =>
      runBatch(() => fleet, commands, more),
    [Symbol.dispose]: () => fleet.retire(),
  };
  unused.register(plan, fleet);
  return plan;
}

/** The options of a command among those of its instance. */
const OF_COMMANDS = [
  "signal",
  "timeout",
  "stdin",
  "stdout",
  "stderr",
  "input",
  "concurrency",
] as const;

/** How many plans are kept for calls with the same options. */
const KEPT = 16;
const kept = new Map<string, Fleet>();

/** Takes options apart: the fleet of the instance's, kept from call to call, and the rest. */
export function fleetOf<T extends object>(
  options: Options & T,
): readonly [Fleet, T] {
  const instance = { ...options } as Record<string, unknown>;
  const command: Record<string, unknown> = {};
  for (const name of OF_COMMANDS) {
    if (!(name in instance)) continue;
    command[name] = instance[name];
    delete instance[name];
  }
  const key = `${identifyDirectory()}\0${JSON.stringify(instance, plain)}`;
  const fleet = kept.get(key) ?? new Fleet(resolveRequest(instance));
  // The one that was used last is the last to go.
  kept.delete(key);
  kept.set(key, fleet);
  if (kept.size > KEPT) dropOldest(fleet);
  return [fleet, command as T];
}

/** Of those that nobody uses. */
function dropOldest(newest: Fleet): void {
  for (const [key, fleet] of kept) {
    if (fleet === newest || fleet.inUse) continue;
    fleet.retire();
    kept.delete(key);
    return;
  }
}

/** What is longer is known by its digest. */
const LONG = 256;

/** Bytes, large numbers and long texts as something that no other option reads as. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return { bigint: String(value) };
  if (value instanceof Uint8Array) return { bytes: digest(value) };
  if (typeof value === "string" && value.length > LONG)
    return { text: digest(value) };
  return value;
}

function digest(content: string | Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(content).digest("hex");
}
