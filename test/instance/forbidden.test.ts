/**
 * Hosts that forbid user namespaces, in the ways hosts do it: never a weaker
 * sandbox, always the cause and what can be done about it.
 */

import { describe, expect } from "bun:test";
import { NO_MORE_USER_NAMESPACES } from "../harness/host.ts";
import { rootless } from "../harness/modes.ts";
import { runOutside } from "../harness/run.ts";
import type { StartOptions } from "../harness/start-records.ts";

interface Host {
  readonly options: StartOptions;
  /** What must be named as the cause. */
  readonly cause: RegExp;
}

const HOSTS: Readonly<Record<string, Host>> = {
  "user.max_user_namespaces is 0": {
    options: { before: NO_MORE_USER_NAMESPACES },
    cause: /max_user_namespaces/,
  },
  "a filter refuses CLONE_NEWUSER with EPERM": {
    options: { filter: "no-user-namespaces" },
    cause: /seccomp|filter|container/i,
  },
  "a filter refuses CLONE_NEWUSER, and clone3 with ENOSYS, as container engines do":
    {
      options: { filter: "no-user-namespaces-as-engines" },
      cause: /seccomp|filter|container|clone3/i,
    },
  "a new namespace is stripped of its rights, as AppArmor does it": {
    options: { filter: "user-namespaces-without-rights" },
    cause: /apparmor/i,
  },
};

describe("rootless", () => {
  for (const [name, { options, cause }] of Object.entries(HOSTS)) {
    rootless.rule(
      `${name}: status 124, the cause and the remedies, and nothing runs`,
      async () => {
        // The host itself works; only namespaces are refused.
        expect(await runOutside(["/bin/echo", "works"], options)).toMatchObject(
          { status: 0, stdout: "works\n" },
        );
        const result = await rootless.run(["run", "echo", "ran"], options);
        expect(result).toMatchObject({ status: 124, signal: null, stdout: "" });
        expect(result.stderr).toMatch(/^selfdock: Cannot /);
        expect(result.stderr).toMatch(/user namespace/i);
        expect(result.stderr).toMatch(cause);
        expect(result.stderr).toMatch(/hint: /);
        expect(result.stderr).toMatch(/selfdock install|setuid/);
        // An errno's usual words would mislead: it is a limit, not a disk.
        expect(result.stderr).not.toMatch(/no space left/i);
      },
    );
  }

  rootless.rule("the same binary works once nothing forbids it", async () => {
    expect(await rootless.output(["run", "echo", "ran"])).toBe("ran\n");
  });

  rootless.rule(
    "root in a user namespace without further ones is told the same",
    async () => {
      const result = await rootless.run(["run", "echo", "ran"], {
        before: NO_MORE_USER_NAMESPACES,
        user: 0,
      });
      expect(result).toMatchObject({ status: 124, stdout: "" });
      expect(result.stderr).toMatch(/max_user_namespaces/);
    },
  );
});
