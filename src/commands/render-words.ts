/** The words of a line that asks for a request: what `parseRequest` reads, backwards. */

import type { Bytes } from "../plan/bytes.ts";
import { UNLIMITED } from "../plan/limits.ts";
import type { LimitRequest, MountRequest, Request } from "../plan/request.ts";
import type { OptionName } from "./options.table.ts";

/** Complete: with the command, and a `--` before it where it looks like an option. */
export function renderWords(request: Request, name: Bytes | null): Bytes[] {
  const words: string[] = [];
  const add = (option: OptionName, ...values: readonly string[]) =>
    words.push(...renderOption(option, values));
  if (request.rootfs !== "/") add("rootfs", request.rootfs);
  for (const mount of request.mounts) addMount(add, mount);
  if (request.workingDirectory !== null) add("cd", request.workingDirectory);
  for (const change of request.environment)
    if (change.kind === "set") add("env", change.name, change.value);
    else add("unset-env", change.name);
  for (const descriptor of request.keepDescriptors)
    add("keep-fd", String(descriptor));
  if (request.network !== "host") add("net", request.network);
  if (request.hostname !== null) add("hostname", request.hostname);
  for (const limit of request.limits) add("ulimit", renderLimit(limit));
  if (request.scratch !== null) words.push(`--scratch=${request.scratch}`);
  if (request.proc !== "own") add("proc", request.proc);
  if (request.rootless && !impliesRootless(request)) add("rootless");
  if (request.asRoot) add("as-root");
  if (request.init) add("init");
  if (name !== null) add("name", name);
  const dashes = request.command[0]?.startsWith("-") === true ? ["--"] : [];
  return [...words, request.action, ...dashes, ...request.command] as Bytes[];
}

function impliesRootless({ asRoot, scratch, proc }: Request): boolean {
  return asRoot || scratch !== null || proc !== "own";
}

/** Values that look like options are attached. */
function renderOption(
  option: OptionName,
  values: readonly string[],
): readonly string[] {
  const [first] = values;
  return first !== undefined && first.startsWith("-") && first !== "-"
    ? [`--${option}=${values.join(":")}`]
    : [`--${option}`, ...values];
}

function addMount(
  add: (option: OptionName, ...values: readonly string[]) => void,
  mount: MountRequest,
): void {
  switch (mount.kind) {
    case "map":
    case "vol":
      return add(mount.kind, mount.source, mount.target);
    case "hide":
      return add("hide", mount.target);
    case "data":
      return add("data", String(mount.descriptor), mount.target);
    case "content":
      return; // Only a program asks for it, and no line.
    case "tmpfs": {
      const { size, inodes, mode, uid, gid } = mount;
      const options = [
        `size=${size}`,
        `nr_inodes=${inodes}`,
        `mode=${mode.toString(8)}`,
        ...(uid === null ? [] : [`uid=${uid}`]),
        ...(gid === null ? [] : [`gid=${gid}`]),
      ];
      return add("tmpfs", options.join(","), mount.target);
    }
  }
}

function renderLimit({ resource, soft, hard }: LimitRequest): string {
  const [softText, hardText] = [soft, hard].map((limit) =>
    limit === UNLIMITED ? "unlimited" : String(limit),
  );
  return `${resource.toLowerCase()}=${softText}:${hardText}`;
}
