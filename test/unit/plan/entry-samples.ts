/** Entries to plan: of every way into an instance. */

import type { EntryRequest } from "../../../src/plan/enter/entry-request.ts";
import type { Target } from "../../../src/plan/enter/target.ts";
import type { Facts } from "../../../src/plan/facts.ts";
import { b, factsOf } from "./samples.ts";

export interface EntrySample {
  readonly name: string;
  readonly request: EntryRequest;
  readonly facts: Facts;
  readonly target: Target;
}

const SHELL: EntryRequest = {
  workingDirectory: null,
  environment: [{ kind: "set", name: b("SHELL"), value: b("/bin/bash") }],
  keepDescriptors: [],
  command: [],
};

const COMMAND: EntryRequest = {
  workingDirectory: b("/data"),
  environment: [],
  keepDescriptors: [5],
  command: [b("ls"), b("-l")],
};

const ROOTLESS: Target = {
  pid: 4711,
  descriptor: 9,
  namespaces: ["user", "ipc", "mnt", "pid"],
  mountNamespace: null,
  capabilities: [],
};

const PRIVILEGED: Target = {
  ...ROOTLESS,
  namespaces: ["ipc", "uts", "net", "mnt", "pid"],
  mountNamespace: 4_026_532_180,
};

const USER = { shell: SHELL, command: COMMAND } as const;

export const ENTRIES: readonly EntrySample[] = Object.entries(USER).flatMap(
  ([name, request]) => [
    {
      name: `${name}, rootless`,
      request,
      facts: factsOf("rootless"),
      target: ROOTLESS,
    },
    {
      name: `${name}, elevated`,
      request,
      facts: factsOf("privileged"),
      target: PRIVILEGED,
    },
    {
      name: `${name}, root`,
      request,
      facts: factsOf("privileged", { uid: 0, gid: 0 }),
      target: { ...PRIVILEGED, capabilities: [0, 1] },
    },
  ],
);
