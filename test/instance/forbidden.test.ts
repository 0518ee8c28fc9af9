/**
 * Hosts that forbid user namespaces, in the ways hosts do it: never a weaker
 * sandbox, always the cause and what can be done about it.
 */

import { describe, expect } from "bun:test";
import { chrootHost } from "../harness/host.ts";
import { rootless } from "../harness/modes.ts";
import { runOutside } from "../harness/run.ts";
import type { StartOptions } from "../harness/start-records.ts";

interface Host {
  readonly options: () => StartOptions;
  /** What must be named as the cause. */
  readonly cause: RegExp;
}

const HOSTS: Readonly<Record<string, Host>> = {
  "user.max_user_namespaces is 0": {
    options: () => ({ forbid: "by a limit of 0" }),
    cause: /max_user_namespaces/,
  },
  "a filter refuses CLONE_NEWUSER, and clone3 with ENOSYS, as container engines do":
    {
      options: () => ({ forbid: "by a filter, as container engines do" }),
      cause: /seccomp|filter/i,
    },
  "a new namespace is stripped of its rights, as AppArmor does it": {
    options: () => ({ forbid: "by taking their rights, as AppArmor does" }),
    // Named AppArmor where its switch is on; a filter here stands in for it.
    cause: /security module|apparmor/i,
  },
  "selfdock runs in a chroot, where the kernel says EPERM": {
    options: () => ({ before: chrootHost() }),
    cause: /chroot/,
  },
};

describe("rootless", () => {
  for (const [name, host] of Object.entries(HOSTS)) {
    rootless.rule(
      `${name}: status 124, the cause and the remedies, and nothing runs`,
      async () => {
        const options = host.options();
        // The host itself works; only namespaces are refused.
        const works = await runOutside(["/bin/echo", "works"], options);
        expect(works).toMatchObject({
          status: 0,
          stdout: "works\n",
          stderr: "",
        });
        const result = await rootless.run(["run", "echo", "ran"], options);
        expect(result).toMatchObject({ status: 124, signal: null, stdout: "" });
        expect(result.stderr).toMatch(/^selfdock: Cannot /);
        expect(result.stderr).toMatch(/namespace/i);
        expect(result.stderr).toMatch(host.cause);
        expect(result.stderr).toMatch(/hint: /);
        expect(result.stderr).toMatch(/selfdock install|setuid/);
        // The bare words of the errno would mislead: it is a limit, not a disk.
        expect(result.stderr).not.toMatch(/: no space left/i);
      },
    );
  }

  rootless.rule("the same program works once nothing forbids it", async () => {
    expect(await rootless.output(["run", "echo", "ran"])).toBe("ran\n");
  });

  rootless.rule(
    "root in a user namespace without further ones is told the same",
    async () => {
      const result = await rootless.run(["run", "echo", "ran"], {
        forbid: "by a limit of 0",
        user: 0,
      });
      expect(result).toMatchObject({ status: 124, stdout: "" });
      expect(result.stderr).toMatch(/max_user_namespaces/);
    },
  );
});
