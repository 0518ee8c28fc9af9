/** Entering as a kind of launch: the command that reports enters an instance that stays. */

import {
  closeSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { expect } from "bun:test";
import {
  descendants,
  processIsAlive,
  statusField,
  supervises,
  waitUntil,
} from "../harness/processes.ts";
import { start, type Running } from "../harness/run.ts";
import { makeKind, makePipe, type Kind } from "./kinds.ts";
import type { Login } from "./logins.ts";

/** What the instance ends with once it is told so: nobody else ends it so. */
const TOLD = 43;

/** Runs BODY with a kind of launch into an instance of that program and login, which is unharmed then and ends when told. */
export async function withEntry(
  program: string,
  login: Login,
  body: (kind: Kind) => Promise<void>,
): Promise<void> {
  const kind = await makeKind("run");
  const end = makePipe(join(kind.room.path, "end"));
  const told = join(kind.room.inside, "end");
  const script = `exec < ${told}; echo runs; read line && exit ${TOLD}`;
  const stay = [program, ...kind.args, "sh", "-c", script];
  const instance = start(stay, { ...login, timeout: 3600 });
  await waitUntil(
    "the instance runs",
    () => instance.stdout() === "runs\n" && supervises(instance.pid),
  );
  const whole = lookAt(instance);
  await body({
    ...kind,
    name: "enter",
    planned: true,
    makes: ["who asks", "who joins", "who enters"],
    args: ["enter", String(instance.pid)],
  });
  await waitUntil("nothing else is in the instance", () =>
    Bun.deepEquals(lookAt(instance), whole),
  ).catch(() => expect(lookAt(instance)).toEqual(whole));
  writeSync(end, "\n");
  closeSync(end);
  expect(await instance.ended).toMatchObject({ status: TOLD, stderr: "" });
}

/** The supervisor and the processes of an instance, their descriptors and mounts. A pid 1 that is a shell reaps nobody. */
function lookAt({ pid }: Running): readonly unknown[] {
  const living = [pid, ...descendants(pid)].filter(processIsAlive);
  return living.map((each) => ({
    pid: each,
    name: statusField(each, "Name"),
    descriptors: readdirSync(`/proc/${each}/fd`).map((fd) =>
      readlinkSync(`/proc/${each}/fd/${fd}`),
    ),
    mounts: readFileSync(`/proc/${each}/mountinfo`, "latin1"),
  }));
}
