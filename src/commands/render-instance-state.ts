/**
 * What `explain INSTANCE` tells. Security: names, paths and commands are whatever
 * somebody gave, so nothing of them can steer the terminal or break a line.
 */

import { NAMESPACES } from "../launch/probe-instance-state.ts";
import type { InstanceState } from "../launch/probe-instance-state.ts";
import { showBytes } from "../plan/bytes.ts";
import {
  isCover,
  parseMounts,
  pathOnHost,
  visibleMounts,
  type Mount,
} from "../plan/mount-table.ts";
import { parseRights, type ProcessRights } from "../plan/process-rights.ts";
import type { NamedInstance } from "./name-instances.ts";
import { wrapText } from "./wrap-text.ts";

const WIDTH = 80;
const COLUMN = 14;
/** A longer label has a line of its own. */
const MOST = 32;

/** What each namespace holds, where it is the instance's own and where it is shared. */
const MEANINGS: Readonly<
  Record<
    (typeof NAMESPACES)[number],
    readonly [subject: string, own: string, shared: string]
  >
> = {
  pid: [
    "processes",
    "its own; it sees and signals no other",
    "the host's: it sees them all",
  ],
  mnt: [
    "mounts",
    "its own; no mount that it makes is seen outside",
    "the host's",
  ],
  ipc: [
    "IPC",
    "its own System V IPC and POSIX message queues",
    "the host's System V IPC and POSIX message queues",
  ],
  user: [
    "user ids",
    "a user namespace: rights that it gives count inside alone",
    "the host's: owners of files show as they are",
  ],
  net: [
    "network",
    "its own",
    "the host's: all its interfaces, ports and abstract sockets",
  ],
  uts: ["host name", "its own", "the host's"],
  cgroup: ["cgroups", "its own", "the host's view of them"],
  time: ["clocks", "its own", "the host's"],
};

/** Where a mount comes from. */
interface Place {
  readonly place: string;
  readonly access: "read-only" | "writable";
  readonly from: string;
}

export function renderInstanceState(
  instance: NamedInstance,
  state: InstanceState,
  json: boolean,
): string {
  const told = {
    name: instance.name,
    pid: instance.pid,
    init: instance.first,
    asker: instance.asker,
    uid: instance.uid,
    mode: instance.mode,
    command: instance.command.map((word) => showBytes(word)),
    processes: instance.members.length,
    entered: instance.entered.length,
    own: state.own,
    shared: NAMESPACES.filter((name) => !state.own.includes(name)),
    interfaces: state.interfaces,
    ...placesOf(state),
    ...parseRights(state),
    terminal: terminalName(state.terminal),
  };
  return json ? `${JSON.stringify(told, null, 2)}\n` : renderWords(told);
}

interface Told extends ProcessRights {
  readonly name: string | null;
  readonly pid: number;
  readonly init: number;
  readonly asker: number | null;
  readonly uid: number;
  readonly mode: string;
  readonly command: readonly string[];
  readonly processes: number;
  readonly entered: number;
  readonly own: InstanceState["own"];
  readonly shared: InstanceState["own"];
  readonly interfaces: readonly string[];
  readonly places: readonly Place[];
  readonly covers: number;
  readonly terminal: string | null;
}

function renderWords(told: Told): string {
  const way = told.mode === "rootless" ? "rootless" : "with root's privilege";
  const name = told.name === null ? "" : ` ${told.name}`;
  const entered = told.entered === 0 ? "" : `, ${told.entered} of them entered`;
  const lines = [
    ...wrapText(
      `Instance${name} of user ${told.uid}, made ${way}: ${told.command.join(" ")}`,
      WIDTH,
    ),
    `${told.asker === null ? "" : `for ${told.asker}: `}selfdock ${told.pid}, its pid 1 is ${told.init}; processes ${told.processes}${entered}`,
    ...section("Its own", spaces(told, told.own, 1)),
    ...section("Shared with the host", spaces(told, told.shared, 2)),
    ...section("Files", files(told)),
    ...section("Rights of its pid 1", rights(told)),
  ];
  return `${lines.join("\n")}\n`;
}

function section(
  title: string,
  rows: readonly (readonly [string, string])[],
): readonly string[] {
  const lengths = rows.map(([label]) => label.length + 2);
  const wide = Math.max(COLUMN, ...lengths.filter((each) => each <= MOST));
  return [
    "",
    `${title}:`,
    ...rows.flatMap(([label, text]) =>
      label.length + 2 > wide
        ? [`  ${label}`, ...indented(text, "", wide + 2)]
        : indented(text, `  ${label}`, wide + 2),
    ),
  ];
}

function indented(
  text: string,
  label: string,
  margin: number,
): readonly string[] {
  return wrapText(text, WIDTH - margin).map(
    (line, at) => `${(at === 0 ? label : "").padEnd(margin)}${line}`,
  );
}

function spaces(
  { interfaces }: Told,
  names: InstanceState["own"],
  meaning: 1 | 2,
): readonly (readonly [string, string])[] {
  return names.map((name) => {
    const row = MEANINGS[name];
    const more =
      name === "net" && meaning === 1 ? `: ${interfaces.join(", ")}` : "";
    return [row[0], `${row[meaning]}${more}`];
  });
}

function files({
  places,
  covers,
}: Told): readonly (readonly [string, string])[] {
  const hidden =
    covers === 0
      ? []
      : [
          [
            "covered",
            `${covers} places, where the host mounts something else`,
          ] as const,
        ];
  return [
    ...places.map(
      ({ place, access, from }) => [place, `${access}, ${from}`] as const,
    ),
    ...hidden,
  ];
}

function rights({
  ids,
  capabilities,
  noNewPrivileges,
  filters,
  limits,
  terminal,
}: Told): readonly (readonly [string, string])[] {
  return [
    ["ids", ids.join("; ")],
    [
      "capabilities",
      capabilities.length === 0 ? "none, in no set" : capabilities.join(", "),
    ],
    [
      "more rights",
      noNewPrivileges ? "never: no_new_privs is set" : "by setuid programs",
    ],
    [
      "filter",
      filters === 0
        ? "none"
        : `${filters}: typing into terminals, keyrings, other processes' descriptors`,
    ],
    ["limits", limits.length === 0 ? "none" : limits.join(", ")],
    [
      "terminal",
      terminal === null ? "none" : `${terminal}, shared with its caller`,
    ],
  ];
}

function placesOf({ mounts, hostMounts }: InstanceState): {
  readonly places: readonly Place[];
  readonly covers: number;
} {
  const visible = visibleMounts(parseMounts(mounts));
  const host = parseMounts(hostMounts);
  const shown = visible.filter((mount) => !isCover(mount));
  return {
    covers: visible.length - shown.length,
    places: shown.map((mount) => ({
      place: showBytes(mount.place),
      access: mount.readOnly ? "read-only" : "writable",
      from: originOf(mount, host),
    })),
  };
}

function originOf(mount: Mount, host: readonly Mount[]): string {
  const path = pathOnHost(mount, host);
  if (path !== null) return `the host's ${showBytes(path)}`;
  const type = showBytes(mount.type);
  if (type !== "tmpfs") return `its own ${type}`;
  const size = mount.options.find((option) => option.startsWith("size="));
  return `its own memory${size === undefined ? "" : `, ${size}`}`;
}

/** `pts/3`; devices(5) of the kernel: 136 to 143 are pseudo-terminals. */
function terminalName(device: number): string | null {
  if (device === 0) return null;
  const major = (device >> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >>> 12) & 0xfff00);
  return major >= 136 && major <= 143
    ? `pts/${(major - 136) * 256 + minor}`
    : `device ${major}:${minor}`;
}
