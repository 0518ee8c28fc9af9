/**
 * The command: its directory, its environment, and the execution. With the
 * target's own rights.
 */

import { jump, set } from "../../syscalls/control.ts";
import { shown } from "../../syscalls/program.ts";
import type { Label, Operand, Slot } from "../../syscalls/program.ts";
import { quote } from "./bytes.ts";
import type { Bytes } from "./bytes.ts";
import { resolveEnvironment } from "./environment.ts";
import type { Environment } from "./environment.ts";
import {
  planInitExecution,
  reportDescriptor,
} from "./init/plan-init-launch.ts";
import type { Instance } from "./instance.ts";
import { candidates, planExecution } from "./plan-execution.ts";
import type { ExecutionOutcome } from "./plan-execution.ts";

/** How the command's start is read after the run. */
export interface CommandOutcome extends ExecutionOutcome {
  /** 1 once everything stands and the command is about to be executed. */
  readonly ready: Slot;
}

/** The command with its names, words and variables. */
export interface Command {
  readonly paths: readonly Bytes[];
  readonly count: number;
  readonly environment: Environment;
  /** The descriptor on which an init reports. */
  readonly report: number;
}

/** What to execute, from the words and the environment. */
export function resolveCommand({ request, facts }: Instance): Command {
  const environment = resolveEnvironment(
    request.environment,
    facts.caller.environment,
  );
  return {
    paths: candidates(request.command[0]!, environment.path),
    count: request.command.length,
    environment,
    report: reportDescriptor(request.keepDescriptors),
  };
}

/** The last steps of the child: they end in the command or its init, or at `failed`. */
export function planCommand(
  instance: Instance,
  { command, failed }: { command: Command; failed: Label },
): CommandOutcome {
  const { p, request, facts } = instance;
  const ready = p.slot("everything stands");
  planDirectory(instance);
  const argv = shown(facts.caller.commandAddress, "the command's arguments");
  const environment = environmentVector(instance, command.environment);
  return p.part(`execute ${quote(request.command[0]!)}`, () => {
    set(p, ready, 1);
    if (request.init) planInitExecution(instance, [argv, environment]);
    const outcome = planExecution(p, { ...command, argv, environment });
    jump(p, failed);
    return { ready, ...outcome };
  });
}

/** The directory asked for, else the caller's path if it exists inside, else `/`. */
function planDirectory(instance: Instance): void {
  const { p, request, facts } = instance;
  const wanted = request.workingDirectory;
  if (wanted !== null) {
    p.part(`enter ${quote(wanted)}`, () => {
      p.call("chdir", [p.text("/")]);
      p.call("chdir", [p.text(wanted)], { subject: quote(wanted) });
    });
    return;
  }
  p.part("enter the caller's directory, or the root", () => {
    p.call("chdir", [p.text("/")]);
    if (facts.caller.directory !== null)
      p.call("chdir", [p.text(facts.caller.directory)], {
        failure: "continue",
      });
  });
}

/** The array of pointers for execve: the caller's own, or a new one with the changes. */
function environmentVector(
  { p, facts }: Instance,
  environment: Environment,
): Operand {
  const { caller } = facts;
  if (!environment.changed)
    return shown(caller.environmentAddress, "the caller's environment");
  const entries = environment.entries;
  const bytes = new Uint8Array(8 * (entries.length + 1));
  const view = new DataView(bytes.buffer);
  const pointers = entries.flatMap((entry, index) => {
    if (entry.kind === "set")
      return [{ at: 8 * index, to: p.text(entry.text) }];
    const address = BigInt(caller.variableAddress(entry.index));
    view.setBigUint64(8 * index, address, true);
    return [];
  });
  return p.constant("{environment}", bytes, pointers);
}
