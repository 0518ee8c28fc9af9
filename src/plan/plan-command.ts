/**
 * The last steps of the child: the command's directory, its environment, and the
 * execution of its starter. With the target's own rights.
 */

import { jump, jumpIf, load, set, when } from "../../syscalls/control.ts";
import { shown } from "../../syscalls/program.ts";
import type { Operand, Slot } from "../../syscalls/program.ts";
import { quote } from "./bytes.ts";
import { handedOver } from "../stage0/handover.ts";
import { resolveEnvironment } from "./environment.ts";
import type { Instance } from "./instance.ts";
import { planStarterExecution } from "./starter/plan-starter-launch.ts";

/** Everything that can fail before the command; `ready` is 1 once it stands. */
export function planCommand(instance: Instance, ready: Slot): void {
  const { p, request } = instance;
  planDirectory(instance);
  const argv = instance.caller.command;
  const environment = environmentVector(instance);
  p.part(`execute ${quote(request.command[0]!)}`, () => {
    set(p, ready, 1);
    planStarterExecution(instance, [argv, environment]);
  });
}

/** The launch's own directory, if it names one. */
function planDirectory(instance: Instance): void {
  const { p, facts } = instance;
  if (!facts.spawned) return planUsualDirectory(instance);
  const given = p.slot("the launch's own directory");
  const [usual, done] = [p.label("it names none"), p.label("entered")];
  p.part("enter the directory of this launch", () => {
    load(p, given, 8, [handedOver("commandDirectory"), 0]);
    jumpIf(p, [given, "==", 0], usual);
    p.call("chdir", [p.text("/")]);
    p.call("chdir", [given]);
    jump(p, done);
    p.place(usual);
  });
  planUsualDirectory(instance);
  p.place(done);
}

/** The directory asked for, else the caller's path if it exists inside, else `/`. */
export function planUsualDirectory(instance: Instance): void {
  const { p, request } = instance;
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
    const first = p.slot("first byte");
    load(p, first, 1, [handedOver("directoryPath"), 0]);
    // It is empty for one that is gone, and outside of our root it has no slash.
    when(p, [first, "==", shown(0x2f, "'/'")], () =>
      p.call("chdir", [handedOver("directoryPath")], { failure: "continue" }),
    );
  });
}

/** The array of pointers for execve: the caller's own, or a new one with the changes. */
export function environmentVector({
  p,
  request,
  facts,
  caller,
}: Instance): Operand {
  const environment = resolveEnvironment(
    request.environment,
    facts.caller.environment,
  );
  if (!environment.changed) return caller.environment;
  const entries = environment.entries;
  const bytes = new Uint8Array(8 * (entries.length + 1));
  const view = new DataView(bytes.buffer);
  const pointers = entries.flatMap((entry, index) => {
    if (entry.kind === "set")
      return [{ at: 8 * index, to: p.text(entry.text) }];
    const address = BigInt(facts.caller.variableAddress(entry.index));
    view.setBigUint64(8 * index, address, true);
    return [];
  });
  return p.constant("{environment}", bytes, pointers);
}
