/** `doctor` says of a host what a start there shows. */

import { expect } from "bun:test";
import { chrootHost, hostWith } from "../harness/host.ts";
import { forEachMode, rootless } from "../harness/modes.ts";
import type { StartOptions } from "../harness/start-records.ts";

interface Answer {
  readonly status: number;
  readonly kernel: string;
  readonly findings: readonly {
    readonly name: string;
    readonly kind: string;
    readonly state: string;
    readonly remedy: string | null;
  }[];
}

forEachMode((mode) => {
  mode.rule("instances that start are said to", async () => {
    const { status, stdout, stderr } = await mode.run(["doctor", "--json"]);
    const answer = JSON.parse(stdout) as Answer;
    expect(stderr).toBe("");
    expect(status).toBe(answer.status);
    expect([0, 1]).toContain(answer.status);
    const kindOf = (name: string) =>
      answer.findings.find((each) => each.name === name)?.kind;
    expect(kindOf("rootless")).toBe("good");
    expect(kindOf("privileged")).toBe(mode.name === "setuid" ? "good" : "note");
    expect(kindOf("system-calls")).toBe("good");
    const text = await mode.run(["doctor"]);
    expect(text.status).toBe(answer.status);
    for (const { name, state } of answer.findings)
      expect(text.stdout).toContain(`${name}: ${state}\n`);
  });

  mode.rule("within an instance it says so", async () => {
    const { stdout } = await mode.run(["run", mode.program(), "doctor"]);
    expect(stdout).toContain("\nnote   filter: ");
    expect(stdout).toStartWith("ok     rootless: ");
  });
});

const FORBIDDEN: readonly (readonly [string, () => StartOptions, RegExp])[] = [
  [
    "a limit of 0",
    () => ({ forbid: "by a limit of 0" }),
    /max_user_namespaces/,
  ],
  [
    "a filter",
    () => ({ forbid: "by a filter, as container engines do" }),
    /seccomp/,
  ],
  [
    "rights that are taken",
    () => ({ forbid: "by taking their rights, as AppArmor does" }),
    /security module|AppArmor/,
  ],
  [
    "AppArmor's switch",
    () => ({
      forbid: "by taking their rights, as AppArmor does",
      before: hostWith(
        'mount -t tmpfs none /proc/sys/kernel; echo 1 > "/proc/sys/kernel/apparmor_restrict_unprivileged_userns"',
      ),
    }),
    /remedy: as root, "selfdock install", which writes the profile \/etc\/apparmor\.d\/usr\.local\.bin\.selfdock/,
  ],
  ["a chroot", () => ({ before: chrootHost() }), /chroot/],
];

for (const [name, options, cause] of FORBIDDEN) {
  rootless.rule(`${name}: status 124, the cause, the remedy`, async () => {
    const { status, stdout, stderr } = await rootless.run(
      ["doctor"],
      options(),
    );
    expect({ status, stderr }).toEqual({ status: 124, stderr: "" });
    expect(stdout).toMatch(/^FAILS {2}rootless: /);
    expect(stdout).toMatch(cause);
    expect(stdout).toContain("selfdock install");
    expect(stdout).toContain("\nNo instance can be started (Linux ");
  });
}
