/**
 * What the facts of a host mean for selfdock's user, and what helps. Pure.
 *
 * A finding is a hindrance (some way of starting instances is closed), a lack
 * (instances start, but something of selfdock's does not work), or a note.
 */

import { showBytes } from "../plan/bytes.ts";
import type { HostFacts } from "../launch/probe-host.ts";

export interface Finding {
  /** A name that scripts can rely on. */
  readonly name: string;
  readonly kind: "good" | "note" | "lack" | "hindrance";
  readonly state: string;
  /** What to do about it, or null. */
  readonly remedy: string | null;
}

/** 0: all is well. 1: something lacks. 124: no instance can be started. */
export function statusOf(findings: readonly Finding[]): 0 | 1 | 124 {
  const ways = findings.filter(({ name }) => WAYS.has(name));
  const blocked = findings.some(
    ({ name, kind }) => kind === "hindrance" && !WAYS.has(name),
  );
  if (blocked || ways.every(({ kind }) => kind !== "good")) return 124;
  return findings.some(({ kind }) => kind === "lack") ? 1 : 0;
}

const WAYS = new Set(["rootless", "privileged"]);

const RULES: readonly ((host: HostFacts) => Finding)[] = [
  ({ refusal, privileged }) =>
    refusal === null
      ? good("rootless", "user namespaces work")
      : {
          name: "rootless",
          kind: privileged ? "note" : "hindrance",
          ...splitRemedy(refusal),
        },
  explainPrivileged,
  ({ missingCalls }) =>
    missingCalls.length === 0
      ? good("system-calls", "the kernel has all that every instance needs")
      : {
          name: "system-calls",
          kind: "hindrance",
          state: `the kernel, or a filter around this process, lacks ${missingCalls.join(", ")}`,
          remedy: "a kernel from Linux 5.12 on",
        },
  ({ listsMounts }) =>
    listsMounts
      ? good("mount-list", "the kernel lists mounts itself")
      : note(
          "mount-list",
          "the kernel lists no mounts with their sources (statmount, Linux 6.13): each start reads mountinfo and takes longer",
        ),
  ({ mountsBeneath }) =>
    mountsBeneath !== false
      ? good("mount-beneath", "nothing is known against it")
      : note(
          "mount-beneath",
          "mounts cannot go beneath others (MOVE_MOUNT_BENEATH, Linux 6.5): a slower way is taken",
        ),
  ({ memoryExecution }) =>
    memoryExecution < 2
      ? good("memory-execution", "files in memory may be executed")
      : {
          name: "memory-execution",
          kind: "hindrance",
          state:
            "vm.memfd_noexec is 2, so nothing in memory may be executed, as the starter of every instance is",
          remedy: 'as root, "sysctl vm.memfd_noexec=1"',
        },
  explainNamespaces,
  ({ subordinate, refusal, uid }) =>
    subordinate === null
      ? good("subordinate-ids", "--as-root has ids of your own")
      : {
          name: "subordinate-ids",
          // Where no user namespace is there is no --as-root; root needs none.
          kind: refusal === null && uid !== 0 ? "lack" : "note",
          state: `with --as-root only root exists inside: ${subordinate}`,
          remedy:
            'the package uidmap, and as root "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER"',
        },
  ({ filtered }) =>
    filtered
      ? note(
          "filter",
          "a filter of system calls (seccomp) is around this process, as container engines and instances have it: what it refuses fails inside too",
        )
      : good("filter", "no filter of system calls is around this process"),
];

/** Everything that is known, good or not, in a fixed order. */
export function planFindings(host: HostFacts): readonly Finding[] {
  return RULES.map((rule) => rule(host));
}

/** What needs the namespaces that not every instance has. */
const OPTIONAL: Readonly<Record<string, string>> = {
  net: "--net none",
  uts: "--hostname",
};

function explainNamespaces({ forbiddenNamespaces }: HostFacts): Finding {
  if (forbiddenNamespaces.length === 0)
    return good("namespaces", "this host allows all kinds that are used");
  const options = forbiddenNamespaces.map((name) => OPTIONAL[name] ?? null);
  const switches = forbiddenNamespaces.map(
    (name) => `user.max_${name}_namespaces`,
  );
  return {
    name: "namespaces",
    kind: options.includes(null) ? "hindrance" : "lack",
    state: `${switches.join(" and ")} is 0, so that ${options.includes(null) ? "no instance" : options.join(" or ")} can work`,
    remedy: `as root, "sysctl ${switches.map((name) => `${name}=15000`).join(" ")}"`,
  };
}

function explainPrivileged(host: HostFacts): Finding {
  const { program, uid } = host;
  if (host.privileged)
    return good(
      "privileged",
      uid === 0
        ? "you are root: instances take its privilege, and drop it"
        : "selfdock is installed setuid, and works so",
    );
  const install = 'as root, "selfdock install"';
  if (host.traceable)
    return closed(
      "fs.suid_dumpable is 1, so that users could reach into setuid programs: root is given up",
      'as root, "sysctl fs.suid_dumpable=2"',
    );
  if (!host.initialUserNamespace)
    return closed("this is a user namespace, where no privilege counts", null);
  if (uid === 0)
    return closed(
      "you are root without CAP_SYS_ADMIN, as in a container",
      null,
    );
  if (host.noNewPrivileges)
    return closed("nothing can gain privilege here (no_new_privs)", null);
  if (!program.setuid || program.owner !== 0)
    return closed(
      `${showBytes(program.path)} is not setuid root, which only hosts without user namespaces need`,
      install,
    );
  if (program.nosuid)
    return closed(
      `${showBytes(program.path)} is setuid on a filesystem that is mounted nosuid`,
      `${install}, with a --prefix on another filesystem`,
    );
  return closed("the setuid bit has given no privilege here", null);
}

function closed(state: string, remedy: string | null): Finding {
  return { name: "privileged", kind: "note", state, remedy };
}

function good(name: string, state: string): Finding {
  return { name, kind: "good", state, remedy: null };
}

function note(name: string, state: string): Finding {
  return { name, kind: "note", state, remedy: null };
}

/** `cause; remedy`, as hints are written. */
function splitRemedy(hint: string): Pick<Finding, "state" | "remedy"> {
  const at = hint.indexOf("; ");
  return at < 0
    ? { state: hint, remedy: null }
    : { state: hint.slice(0, at), remedy: hint.slice(at + 2) };
}
