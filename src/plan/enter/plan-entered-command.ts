/** The last steps of what enters: the command's directory, its environment, its starter. */

import { WORKING_DIRECTORY } from "../../../syscalls/calls/operands.ts";
import { set } from "../../../syscalls/control.ts";
import { shown } from "../../../syscalls/program.ts";
import type { Operand, Slot } from "../../../syscalls/program.ts";
import { quote, type Bytes } from "../bytes.ts";
import { planWords } from "../caller.ts";
import type { Instance } from "../instance.ts";
import { environmentVector, planUsualDirectory } from "../plan-command.ts";
import { planStarterExecution } from "../starter/plan-starter-launch.ts";
import { LAST_SHELL } from "./entry-request.ts";

const MAY_EXECUTE = shown(1, "X_OK");

export function planEnteredCommand(
  instance: Instance,
  {
    command: [first],
    shell,
    ready,
  }: { command: readonly Bytes[]; shell: Bytes | null; ready: Slot },
): void {
  const { p, caller } = instance;
  planUsualDirectory(instance);
  const argv: Operand =
    first === undefined ? planShell(instance, shell) : caller.command;
  const environment = environmentVector(instance);
  const what = first === undefined ? "a shell" : quote(first);
  p.part(`execute ${what}`, () => {
    set(p, ready, 1);
    planStarterExecution(instance, [argv, environment]);
  });
}

/** The user's own, if it can be executed inside. */
function planShell({ p }: Instance, shell: Bytes | null): Slot {
  return p.part("choose a shell", () => {
    const [argv, chosen] = [p.slot("shell's words"), p.label("chosen")];
    set(p, argv, planWords(p, [LAST_SHELL]));
    if (shell !== null) {
      const place = [WORKING_DIRECTORY, p.text(shell), MAY_EXECUTE];
      p.call("faccessat", place, { failure: chosen });
      set(p, argv, planWords(p, [shell]));
    }
    p.place(chosen);
    return argv;
  });
}
