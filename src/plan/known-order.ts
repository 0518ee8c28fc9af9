/** The order of one request: every word of it is known, and becomes a constant of the Program. */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { named } from "../../syscalls/calls/operands.ts";
import { RLIMIT } from "../../syscalls/constants/process.table.ts";
import { limitStruct } from "../../syscalls/calls/processes.ts";
import { LAST_DESCRIPTOR } from "../../syscalls/constants/open.table.ts";
import type { Operand } from "../../syscalls/program.ts";
import { shown } from "../../syscalls/program.ts";
import { handedOver } from "../stage0/handover.ts";
import { quote } from "./bytes.ts";
import type { Bytes } from "./bytes.ts";
import { planWords } from "./caller.ts";
import { resolveEnvironment } from "./environment.ts";
import type { Facts } from "./facts.ts";
import type { MountKinds, Order, OrderedDescriptors } from "./order.ts";
import type { OrderedMount, Word } from "./order.ts";
import { isHere, isKnownLater, placeOf, requirePossible } from "./place-of.ts";
import { FIRST_OTHER_DESCRIPTOR, ownDescriptors } from "./own-descriptors.ts";
import { planOwnPath } from "./plan-own-path.ts";
import type { BindRequest, MountRequest, Request } from "./request.ts";
import { tmpfsTexts, wantedOf } from "./wanted.ts";

/** Throws a SelfdockError for what nobody can have wanted. */
export function knownOrder(
  p: ProgramBuilder,
  request: Request,
  facts: Facts,
): Order {
  const { mounts, hostname, workingDirectory, action } = request;
  const word = (bytes: Bytes): Word => ({
    get address() {
      return p.text(bytes);
    },
    name: quote(bytes),
  });
  for (const mount of mounts) requirePossible(mount, request, facts);
  const ordered = mounts.map((mount) => orderMount(p, { mount, facts, word }));
  return {
    // An image's command is not among the caller's words.
    command: request.imageConfig
      ? { vector: planWords(p, request.command) }
      : { index: facts.caller.commandIndex },
    commandName: quote(request.command[0] ?? ("" as Bytes)),
    rootfs: word(request.rootfs),
    writable: action === "build",
    keepsRoot: action === "build" && request.rootfs !== "/",
    ...wantedOf(request),
    data: mounts.filter(
      (mount) => mount.kind === "data" || mount.kind === "content",
    ),
    eachMount: (body) => ordered.forEach((mount) => body(mount)),
    changesDirectory: workingDirectory !== null,
    directory: word(workingDirectory ?? ("/" as Bytes)),
    environment: environmentVector(p, request, facts),
    descriptors: orderDescriptors(request.keepDescriptors),
    noNetwork: request.network === "none",
    namesHost: hostname !== null,
    hostname: word(hostname ?? ("" as Bytes)),
    hostnameLength: hostname?.length ?? 0,
    eachLimit: (body) => {
      for (const { resource, soft, hard } of request.limits)
        body({
          name: resource.toLowerCase(),
          resource: named("RLIMIT", RLIMIT, resource),
          limit: limitStruct(p, { soft, hard }),
        });
    },
    init: request.init,
  };
}

function orderMount(
  p: ProgramBuilder,
  {
    mount,
    facts,
    word,
  }: { mount: MountRequest; facts: Facts; word: (bytes: Bytes) => Word },
): OrderedMount {
  const target = isKnownLater(mount, facts)
    ? laterTarget(p, mount as BindRequest)
    : knownTarget(word(placeOf(mount, facts)), mount);
  return {
    mount: p.slot("mount"),
    directory: p.slot("mount is a directory"),
    file: p.slot("empty file"),
    as: (kinds) => {
      writeKind(kinds, { mount, target, word });
    },
  };
}

/** The caller's own directory: the same Program for everybody. */
function knownTarget(place: Word, mount: MountRequest): Word {
  return isHere(mount)
    ? { address: handedOver("directoryPath"), name: place.name }
    : place;
}

/** Its own path, wherever the Program is played. */
function laterTarget(p: ProgramBuilder, mount: BindRequest): Word {
  const { source, target } = mount;
  const action = `mount ${quote(source)} at ${quote(target)}`;
  const path = planOwnPath(p, { source, action });
  return { address: path.data, name: quote(target), prepare: path.write };
}

function writeKind(
  kinds: MountKinds,
  {
    mount,
    target,
    word,
  }: { mount: MountRequest; target: Word; word: (bytes: Bytes) => Word },
): void {
  switch (mount.kind) {
    case "map":
    case "vol": {
      const readOnly = mount.kind === "map";
      return kinds.bind?.({ readOnly, source: word(mount.source), target });
    }
    case "tmpfs":
      return kinds.tmpfs?.({ target, ...tmpfsTexts(mount) });
    case "hide":
      return kinds.hide?.(target);
    case "data":
    case "content":
      return kinds.data?.({ file: mount, target });
  }
}

function orderDescriptors(kept: readonly number[]): OrderedDescriptors {
  const { report, executable } = ownDescriptors(kept);
  return {
    kept,
    report,
    aboveReport: report + 1,
    executable,
    aboveExecutable: executable + 1,
    eachGap: (body) => {
      let first = FIRST_OTHER_DESCRIPTOR;
      const open = [...kept, report, executable].toSorted((a, b) => a - b);
      for (const descriptor of open) {
        if (descriptor > first) body(first, descriptor - 1);
        first = descriptor + 1;
      }
      body(first, shown(LAST_DESCRIPTOR, "~0"));
    },
    eachKept: (body) =>
      kept.forEach((descriptor) => body(descriptor, String(descriptor))),
  };
}

/** The array of pointers for execve: null for the caller's own, else a new one with the changes. */
function environmentVector(
  p: ProgramBuilder,
  request: Request,
  { caller }: Facts,
): Operand | null {
  const environment = resolveEnvironment(
    request.environment,
    caller.environment,
  );
  if (!environment.changed) return null;
  const entries = environment.entries;
  const bytes = new Uint8Array(8 * (entries.length + 1));
  const view = new DataView(bytes.buffer);
  const pointers = entries.flatMap((entry, index) => {
    if (entry.kind === "set")
      return [{ at: 8 * index, to: p.text(entry.text) }];
    const address = BigInt(caller.variableAddress(entry.index));
    view.setBigUint64(8 * index, address, true);
    return [];
  });
  return p.constant("{environment}", bytes, pointers);
}
