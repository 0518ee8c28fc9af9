/** The settings of a line as one complete Request: the only place where defaults are applied. */

import type { Bytes } from "../plan/bytes.ts";
import type {
  DataRequest,
  EnvironmentChange,
  LimitRequest,
  MountRequest,
  Proc,
  Request,
} from "../plan/request.ts";
import { LAUNCH_USAGE } from "./launch-usage.ts";
import { dockerBindHint } from "./docker-hint.ts";
import type { Setting } from "./parse-setting.ts";
import { usageError } from "./usage-error.ts";

/** More is a mistake, and each costs kernel memory and time. */
const MOST_MOUNTS = 1000;

/** A request while it is put together. */
interface Draft {
  rootfs: Bytes;
  mounts: MountRequest[];
  workingDirectory: Bytes | null;
  environment: EnvironmentChange[];
  keepDescriptors: number[];
  network: "host" | "none";
  proc: Proc;
  hostname: Bytes | null;
  limits: LimitRequest[];
  rootless: boolean;
  asRoot: boolean;
  scratch: number | null;
  init: boolean;
  imageConfig: boolean;
}

function addMount(draft: Draft, mount: MountRequest): void {
  if (draft.mounts.length === MOST_MOUNTS) {
    throw usageError(
      `Cannot mount more than ${MOST_MOUNTS} times: --map, --vol, --tmpfs, --hide and --data together reach that limit`,
      "map a common parent directory once",
    );
  }
  if (mount.kind === "data") refuseSecondReading(draft, mount);
  draft.mounts.push(mount);
}

/** What is read once is gone. */
function refuseSecondReading(draft: Draft, { descriptor }: DataRequest): void {
  for (const mount of draft.mounts)
    if (mount.kind === "data" && mount.descriptor === descriptor)
      throw usageError(
        `Cannot read descriptor ${descriptor} for --data twice: the first reading leaves nothing`,
        "open a descriptor for each file",
      );
}

function addLimit(draft: Draft, limit: LimitRequest): void {
  const { resource } = limit;
  for (const other of draft.limits) {
    if (other.resource !== resource) continue;
    const name = resource.toLowerCase();
    throw usageError(
      `Cannot limit ${name} a second time: which limit counts is not clear`,
      `--ulimit ${name}=SOFT:HARD`,
    );
  }
  draft.limits.push(limit);
}

function keep({ keepDescriptors }: Draft, descriptor: number): void {
  if (!keepDescriptors.includes(descriptor)) keepDescriptors.push(descriptor);
}

function apply(draft: Draft, setting: Setting): void {
  if ("mount" in setting) addMount(draft, setting.mount);
  else if ("change" in setting) draft.environment.push(setting.change);
  else if ("descriptor" in setting) keep(draft, setting.descriptor);
  else if ("limit" in setting) addLimit(draft, setting.limit);
  else Object.assign(draft, fieldsOf(setting));
}

/** What is said once. */
function fieldsOf(
  setting: Exclude<
    Setting,
    | { mount: unknown }
    | { change: unknown }
    | { descriptor: unknown }
    | { limit: unknown }
  >,
): Partial<Draft> {
  switch (setting.option) {
    case "rootfs":
      return { rootfs: setting.path };
    case "cd":
      return { workingDirectory: setting.path };
    case "net":
      return { network: setting.network };
    case "proc":
      return setting.proc === "own"
        ? { proc: setting.proc }
        : { proc: setting.proc, rootless: true };
    case "hostname":
      return { hostname: setting.hostname };
    case "rootless":
      return { rootless: true };
    case "as-root":
      return { rootless: true, asRoot: true };
    case "scratch":
      return { rootless: true, scratch: setting.size };
    case "init":
      return { init: true };
    case "image-config":
      return { imageConfig: true };
    case "jobs":
    case "format":
    case "null":
    case "output-dir":
    case "stop-on-failure":
    case "image":
    case "platform":
    case "ignore-devices":
    case "list":
    case "output":
    case "name":
    case "json":
    case "timeout":
    case "dry-run":
    case "help":
    case "version":
    case "prefix":
    case "mode":
      return {};
  }
}

/** `-v /a:/b /bin/sh` swallows the command: say so where it is missed. */
function swallowed(mounts: readonly MountRequest[]): string | null {
  for (const mount of mounts) {
    if (mount.kind !== "map" && mount.kind !== "vol") continue;
    const hint = dockerBindHint(mount.kind, mount.source);
    if (hint !== null) return hint;
  }
  return null;
}

/** The request that `settings` and the words after them make. */
export function parseRequest(
  action: "run" | "build",
  settings: readonly Setting[],
  command: readonly Bytes[],
): Request {
  const draft: Draft = {
    rootfs: "/" as Bytes,
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
  };
  for (const setting of settings) apply(draft, setting);
  if (command.length === 0 && !draft.imageConfig) {
    throw usageError(
      `Cannot ${action}: there is no COMMAND`,
      swallowed(draft.mounts) ?? `usage: ${LAUNCH_USAGE}`,
    );
  }
  draft.keepDescriptors.sort((a, b) => a - b);
  return { action, ...draft, command };
}
