/** Requests and facts to plan with. */

import type { Bytes } from "../../../src/plan/bytes.ts";
import type { Caller, Facts } from "../../../src/plan/facts.ts";
import {
  planAnyInstance,
  READY_NAMES,
} from "../../../src/plan/plan-any-instance.ts";
import { planInstance } from "../../../src/plan/plan-instance.ts";
import type { Request } from "../../../src/plan/request.ts";
import type { Program } from "../../../syscalls/program.ts";
import {
  DEFAULT_TMPFS_INODES,
  DEFAULT_TMPFS_MODE,
  DEFAULT_TMPFS_SIZE,
} from "../../../src/plan/request.ts";

export const b = (text: string) => text as Bytes;

const PLAIN: Request = {
  action: "run",
  rootfs: b("/"),
  mounts: [],
  workingDirectory: null,
  environment: [],
  keepDescriptors: [],
  network: "host",
  proc: "own",
  hostname: null,
  limits: [],
  rootless: false,
  asRoot: false,
  scratch: null,
  init: false,
  imageConfig: false,
  command: [b("true")],
};

export function requestOf(change: Partial<Request> = {}): Request {
  return { ...PLAIN, ...change };
}

const CALLER: Caller = {
  anybody: false,
  uid: 1000,
  gid: 100,
  environment: [b("PATH=/usr/bin:/bin"), b("HOME=/home/u")],
  variableAddress: (index) => 0x7fff_0000_2000 + index,
  commandIndex: 2,
  directory: b("/home/u"),
};

export function factsOf(
  mode: Facts["mode"],
  caller: Partial<Caller> = {},
  covered: Facts["covered"] = null,
): Facts {
  const rest = { spawned: false, subordinate: null };
  return { mode, caller: { ...CALLER, ...caller }, covered, ...rest };
}

const EVERYTHING: Partial<Request> = {
  mounts: [
    { kind: "map", source: b("data"), target: b("/data") },
    { kind: "vol", source: b("/srv"), target: b(".") },
    {
      kind: "tmpfs",
      target: b("/scratch"),
      size: DEFAULT_TMPFS_SIZE,
      inodes: DEFAULT_TMPFS_INODES,
      mode: DEFAULT_TMPFS_MODE,
      uid: null,
      gid: null,
    },
    { kind: "hide", target: b("/data/secret") },
    { kind: "data", descriptor: 7, target: b("/etc/made") },
  ],
  workingDirectory: b("/data"),
  environment: [{ kind: "set", name: b("A"), value: b("1") }],
  keepDescriptors: [5],
  network: "none",
  hostname: b("inside"),
  limits: [{ resource: "NOFILE", soft: 64n, hard: 128n }],
  command: [b("sh"), b("-c"), b("echo")],
};

/** What is asked for, by name. */
export const REQUESTS: Readonly<Record<string, Request>> = {
  plain: requestOf(),
  everything: requestOf(EVERYTHING),
  "another root": requestOf({ rootfs: b("tree") }),
  "everything in another root": requestOf({ ...EVERYTHING, rootfs: b("tree") }),
  build: requestOf({ action: "build", rootfs: b("tree") }),
  "an init": requestOf({ init: true }),
  "a command by its path": requestOf({ command: [b("/bin/true")] }),
};

const CALLERS: Readonly<Record<string, Partial<Caller>>> = {
  user: {},
  "user without a directory": { directory: null },
};

export interface Sample {
  readonly name: string;
  readonly request: Request;
  readonly facts: Facts;
}

const SUBORDINATE: Facts["subordinate"] = {
  users: [
    { first: 100_000, count: 65_536 },
    { first: 500_000, count: 10 },
  ],
  groups: [{ first: 200_000, count: 65_536 }],
};

/** `--as-root`, which is rootless: with one id and with subordinate ones. */
const AS_ROOT: readonly Sample[] = (["run", "build"] as const).flatMap(
  (action) => {
    const request = requestOf({
      ...EVERYTHING,
      action,
      rootless: true,
      asRoot: true,
    });
    const rootless = factsOf("rootless");
    return [
      {
        name: `${action} as root, one id`,
        request,
        facts: { ...rootless, subordinate: { missing: "a reason" } },
      },
      {
        name: `${action} as root, subordinate ids`,
        request,
        facts: { ...rootless, subordinate: SUBORDINATE },
      },
    ];
  },
);

/** `--scratch`, which is rootless: on the host's root and on another. */
const SCRATCH: readonly Sample[] = ["/", "tree"].flatMap((rootfs) =>
  [requestOf(), requestOf(EVERYTHING)].map((request, at) => ({
    name: `scratch on ${rootfs}, ${["plain", "everything"][at]}`,
    request: {
      ...request,
      rootfs: b(rootfs),
      rootless: true,
      scratch: 2 ** 30,
    },
    facts: factsOf("rootless"),
  })),
);

/** `--proc`, which is rootless. */
const PROC: readonly Sample[] = (["host", "none"] as const).map((proc) => ({
  name: `--proc ${proc}`,
  request: requestOf({ proc, rootless: true }),
  facts: factsOf("rootless"),
}));

/** What a program gives of its own, by the library. */
const LIBRARY: Sample = {
  name: "data and descriptors of a program",
  request: requestOf({
    mounts: [
      {
        kind: "content",
        content: Buffer.from("text"),
        target: b("/etc/known"),
      },
    ],
    keepDescriptors: [5, 70],
  }),
  facts: { ...factsOf("rootless"), spawned: true },
};

/** Every request by every caller in every way; elevated is privileged by the setuid bit. */
export const SAMPLES: readonly Sample[] = [
  ...AS_ROOT,
  ...SCRATCH,
  ...PROC,
  LIBRARY,
  ...Object.entries(REQUESTS).flatMap(([what, request]) => [
    ...Object.entries(CALLERS).flatMap(([who, caller]) => [
      {
        name: `${what}, ${who}, rootless`,
        request,
        facts: factsOf("rootless", caller),
      },
      {
        name: `${what}, ${who}, elevated`,
        request,
        facts: factsOf("privileged", caller),
      },
    ]),
    {
      name: `${what}, elevated, an old kernel`,
      request,
      facts: factsOf("privileged", {}, [b("/proc"), b("/mnt")]),
    },
    {
      name: `${what}, root, rootless`,
      request,
      facts: factsOf("rootless", { uid: 0, gid: 0 }),
    },
    {
      name: `${what}, root, privileged`,
      request,
      facts: factsOf("privileged", { uid: 0, gid: 0 }),
    },
  ]),
];

/** The Programs of every line, which know no request. */
export const READY_PROGRAMS: readonly (readonly [string, Program])[] =
  READY_NAMES.map((name) => [
    `ready-made, ${name}`,
    planAnyInstance(name).program,
  ]);

/** The Programs of all the samples, and those. */
export const PROGRAMS: readonly (readonly [string, Program])[] = [
  ...SAMPLES.map(
    ({ name, request, facts }) =>
      [name, planInstance(request, facts).program] as const,
  ),
  ...READY_PROGRAMS,
];

export const ELEVATED = SAMPLES.filter(
  ({ facts }) => facts.mode === "privileged" && facts.caller.uid !== 0,
);
