/** What `doctor` makes of a host: each switch is named, with its remedy and the status it stands for. */

import { expect, test } from "bun:test";
import type { HostFacts } from "../../../src/launch/probe-host.ts";
import type { Bytes } from "../../../src/plan/bytes.ts";
import { planFindings, statusOf } from "../../../src/commands/findings.ts";

const GOOD: HostFacts = {
  refusal: null,
  mountsBeneath: true,
  kernel: "6.18.0",
  uid: 1000,
  privileged: false,
  program: {
    path: "/usr/local/bin/selfdock" as Bytes,
    owner: 0,
    setuid: false,
    nosuid: false,
  },
  initialUserNamespace: true,
  noNewPrivileges: false,
  filtered: false,
  traceable: false,
  subordinate: null,
  missingCalls: [],
  listsMounts: true,
  memoryExecution: 0,
  forbiddenNamespaces: [],
};
const SETUID = { ...GOOD.program, setuid: true };
const REFUSED = { refusal: "this host forbids it; a remedy" };

/** What differs, the status, the finding that tells it, and words of it. */
const HOSTS: readonly (readonly [
  Partial<HostFacts>,
  number,
  string,
  string,
])[] = [
  [{}, 0, "rootless", "user namespaces work"],
  [{}, 0, "privileged", "is not setuid root"],
  [REFUSED, 124, "rootless", "this host forbids it"],
  [REFUSED, 124, "rootless", "a remedy"],
  [{ ...REFUSED, privileged: true }, 0, "privileged", "setuid, and works"],
  [{ privileged: true, uid: 0 }, 0, "privileged", "you are root"],
  [{ traceable: true }, 0, "privileged", "fs.suid_dumpable"],
  [{ initialUserNamespace: false }, 0, "privileged", "a user namespace"],
  [{ uid: 0 }, 0, "privileged", "without CAP_SYS_ADMIN"],
  [{ noNewPrivileges: true }, 0, "privileged", "no_new_privs"],
  [{ program: { ...SETUID, nosuid: true } }, 0, "privileged", "mounted nosuid"],
  [{ program: { ...SETUID, owner: 1 } }, 0, "privileged", "not setuid root"],
  [{ missingCalls: ["openat2 (Linux 5.6)"] }, 124, "system-calls", "openat2"],
  [{ listsMounts: false }, 0, "mount-list", "6.13"],
  [{ mountsBeneath: false }, 0, "mount-beneath", "6.5"],
  [{ mountsBeneath: null }, 0, "mount-beneath", "nothing is known"],
  [{ memoryExecution: 2 }, 124, "memory-execution", "vm.memfd_noexec=1"],
  [{ memoryExecution: 1 }, 0, "memory-execution", "may be executed"],
  [{ forbiddenNamespaces: ["net"] }, 1, "namespaces", "--net none can"],
  [{ forbiddenNamespaces: ["uts"] }, 1, "namespaces", "max_uts_namespaces="],
  [{ forbiddenNamespaces: ["pid"] }, 124, "namespaces", "no instance"],
  [{ subordinate: "no ids" }, 1, "subordinate-ids", "no ids"],
  [{ subordinate: "no ids", uid: 0, privileged: true }, 0, "rootless", ""],
  [{ filtered: true }, 0, "filter", "seccomp"],
];

test.each(HOSTS)("%j is %d for %s: %s", (differs, status, name, words) => {
  const findings = planFindings({ ...GOOD, ...differs });
  const found = findings.find((each) => each.name === name);
  expect(`${found?.state}; ${found?.remedy}`).toContain(words);
  expect(statusOf(findings)).toBe(status as never);
});
