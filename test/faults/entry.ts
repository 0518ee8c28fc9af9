/** Entering as a kind of launch: the command that reports enters an instance that stays. */

import { descendants, statusField, waitUntil } from "../harness/processes.ts";
import { start } from "../harness/run.ts";
import { makeKind, type Kind } from "./kinds.ts";
import type { Login } from "./logins.ts";

/** Runs BODY with a kind of launch into an instance of that program and login, which is ended then. */
export async function withEntry(
  program: string,
  login: Login,
  body: (kind: Kind) => Promise<void>,
): Promise<void> {
  const kind = await makeKind("run");
  const stay = [program, ...kind.args, "sleep", "3600"];
  const instance = start(stay, { ...login, timeout: 3600 });
  await waitUntil("the instance runs", () =>
    descendants(instance.pid).some(
      (pid) => statusField(pid, "Name") === "sleep",
    ),
  );
  try {
    await body({
      ...kind,
      name: "enter",
      planned: true,
      args: ["enter", String(instance.pid)],
    });
  } finally {
    instance.kill("SIGKILL");
    await instance.ended;
  }
}
