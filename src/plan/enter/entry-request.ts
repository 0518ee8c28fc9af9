/** What `enter` is asked for, complete, and the request that it is to the rooms of the plan. */

import type { Bytes } from "../bytes.ts";
import { resolveEnvironment } from "../environment.ts";
import type { Caller } from "../facts.ts";
import type { Request } from "../request.ts";

export type EntryRequest = Pick<
  Request,
  "workingDirectory" | "environment" | "keepDescriptors"
> & {
  /** The command and its arguments; empty: the user's shell. */
  readonly command: readonly Bytes[];
};

/** Taken where the user's own shell is not to be had inside. */
export const LAST_SHELL = "sh" as Bytes;

/** As a launch: of an instance, whose filesystem is there already. */
export function asLaunch(request: EntryRequest): Request {
  return {
    ...request,
    action: "run",
    rootfs: "/" as Bytes,
    mounts: [],
    scratch: null,
    network: "host",
    proc: "own",
    hostname: null,
    limits: [],
    rootless: false,
    asRoot: false,
    init: false,
    imageConfig: false,
  };
}

/** SHELL of the environment that the command gets, if it is a path. */
export function resolveShell(
  { environment }: EntryRequest,
  caller: Caller,
): Bytes | null {
  const { entries } = resolveEnvironment(environment, caller.environment);
  const texts = entries.map((entry) =>
    entry.kind === "set" ? entry.text : caller.environment[entry.index]!,
  );
  const shell = texts.find((text) => text.startsWith("SHELL="))?.slice(6);
  return shell?.startsWith("/") ? (shell as Bytes) : null;
}
