/**
 * The last steps of the child: the command's directory, its environment, and the
 * execution of its starter. With the target's own rights.
 */

import { jump, jumpIf, load, set, when } from "../../syscalls/control.ts";
import { shown } from "../../syscalls/program.ts";
import type { Operand, Slot } from "../../syscalls/program.ts";
import { handedOver } from "../stage0/handover.ts";
import type { Instance } from "./instance.ts";
import { whether } from "./order.ts";
import { PLACEHOLDER } from "./placeholder.ts";
import { planStarterExecution } from "./starter/plan-starter-launch.ts";

/** Everything that can fail before the command; `ready` is 1 once it stands. */
export function planCommand(instance: Instance, ready: Slot): void {
  const { p, order, caller } = instance;
  planDirectory(instance);
  const argv = caller.command;
  const environment = environmentVector(instance);
  p.part(`execute ${order.commandName}`, () => {
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
    p.call("chdir", [given], { subject: PLACEHOLDER.directory });
    jump(p, done);
    p.place(usual);
  });
  planUsualDirectory(instance);
  p.place(done);
}

/** The directory asked for, else the caller's path if it exists inside, else `/`. */
export function planUsualDirectory(instance: Instance): void {
  const { p, order } = instance;
  const { changesDirectory, directory } = order;
  const enterOwn = () =>
    p.part("enter the caller's directory, or the root", () => {
      p.call("chdir", [p.text("/")]);
      const first = p.slot("first byte");
      load(p, first, 1, [handedOver("directoryPath"), 0]);
      // It is empty for one that is gone, and outside of our root it has no slash.
      when(p, [first, "==", shown(0x2f, "'/'")], () =>
        p.call("chdir", [handedOver("directoryPath")], { failure: "continue" }),
      );
    });
  p.part(`enter ${directory.name}`, () =>
    whether(
      p,
      changesDirectory,
      () => {
        const subject = directory.name;
        p.call("chdir", [p.text("/")]);
        p.call("chdir", [directory.address], { subject });
      },
      enterOwn,
    ),
  );
}

/** The address of the array of pointers for execve. */
export function environmentVector({ order, caller }: Instance): Operand {
  return order.environment ?? caller.environment;
}
