/** In other people's containers: what they refuse is named, and `--proc` chooses knowingly. */

import { describe, expect } from "bun:test";
import { hostWith } from "../harness/host.ts";
import { container, type Restrictions } from "../harness/container.ts";
import { rule, type Need } from "../harness/needs.ts";
import { plainProgram } from "../harness/program.ts";
import { type Result, runOutside } from "../harness/run.ts";

const NEEDS: readonly Need[] = ["root", "program:runc"];
const DEFAULT: Restrictions = { masks: true, filter: true };
const MASKS: Restrictions = { masks: true, filter: false };

for (const user of [1000, 0]) {
  const within = (
    restrictions: Restrictions,
    ...words: readonly string[]
  ): Promise<Result> =>
    runOutside([plainProgram(), ...words], {
      user,
      before: container(restrictions),
    });

  describe(`uid ${user} in a container`, () => {
    rule(
      "Docker's default filter is named as what forbids namespaces, and how it is left out",
      NEEDS,
      async () => {
        const result = await within(DEFAULT, "run", "echo", "ran");
        expect(result).toMatchObject({ status: 124, stdout: "" });
        expect(result.stderr).toContain("a filter of system calls (seccomp)");
        expect(result.stderr).toContain("--security-opt seccomp=unconfined");
        expect(result.stderr).toContain("seccompProfile: {type: Unconfined}");
      },
    );

    rule(
      "where only the fresh /proc is refused, --proc is offered and never chosen",
      NEEDS,
      async () => {
        const result = await within(MASKS, "run", "echo", "ran");
        expect(result).toMatchObject({ status: 124, stdout: "" });
        expect(result.stderr).toContain("selfdock: Cannot make a /proc: ");
        expect(result.stderr).toContain("parts of this one are covered");
        for (const remedy of [
          "systempaths=unconfined",
          "procMount: Unmasked",
          "--proc none",
          "--proc host",
        ])
          expect(result.stderr).toContain(remedy);
      },
    );

    rule("--proc none: an instance with an empty /proc", NEEDS, async () => {
      const script = "ls -A /proc; touch /proc/x 2>/dev/null; id -u; echo $$";
      for (const more of [[], ["--scratch"], ["--as-root"]]) {
        const result = await within(
          MASKS,
          ...["--proc", "none"].concat(more, "run", "sh", "-c", script),
        );
        const id = more.includes("--as-root") ? 0 : user;
        const pid = more.includes("--as-root") ? 2 : 1;
        expect(result.stdout).toBe(`${id}\n${pid}\n`);
        expect(result.status).toBe(0);
      }
    });

    rule(
      "--proc host: the container's /proc, read-only, with its masks, and nobody's insides",
      NEEDS,
      async () => {
        const script = `
          readlink /proc/1/exe /proc/1/cwd /proc/1/root; readlink /proc/1/fd/*
          cat /proc/1/environ /proc/1/mem; cat /proc/kcore
          echo x > /proc/self/comm; echo 1 > /proc/self/oom_score_adj
          echo 1 > /proc/sys/kernel/panic; echo 1 > /proc/1/oom_score_adj
          tr '\\0' ' ' < /proc/1/cmdline | cut -d' ' -f2-5 | head -1; echo $$`;
        const result = await within(
          MASKS,
          "--proc",
          "host",
          "run",
          "sh",
          "-c",
          script,
        );
        expect(result.stdout).toBe("--proc host run sh\n1\n");
        expect(result.status).toBe(0);
        expect(result.stderr).not.toContain("selfdock");
        expect(
          result.stderr.match(/Read-only|read-only|cannot create/g)?.length,
        ).toBeGreaterThanOrEqual(4);
      },
    );

    rule(
      "without masks and filter nothing is to be chosen",
      NEEDS,
      async () => {
        const free = { masks: false, filter: false };
        const result = await within(
          free,
          "run",
          "sh",
          "-c",
          "echo $$; ls /proc/1",
        );
        expect(result.stdout).toStartWith("1\n");
        expect(result.status).toBe(0);
      },
    );

    rule("doctor names what is in the way", NEEDS, async () => {
      const masked = await within(MASKS, "doctor");
      expect(masked.stdout).toContain("parts of this one are covered");
      const filtered = await within(DEFAULT, "doctor");
      expect(filtered.stdout).toContain("forbids new namespaces");
      expect(filtered.status).toBe(124);
    });
  });
}

rule(
  "where no /proc is mounted that is said, and not by Bun",
  ["root"],
  async () => {
    const before = hostWith("umount -l /proc");
    for (const words of [
      ["run"],
      ["--init", "run"],
      ["--proc", "none", "run"],
    ]) {
      const command = [plainProgram(), ...words, "echo", "ran"];
      const result = await runOutside(command, { before });
      expect(result).toMatchObject({ status: 124, stdout: "" });
      expect(result.stderr).toMatch(
        /^selfdock: Cannot start: no \/proc is mounted here, [^\n]*\nselfdock: hint: [^\n]*\n$/,
      );
    }
  },
);

rule(
  "where /proc/sys is covered or read-only, instances start or the cause is named",
  ["root"],
  async () => {
    const readOnly = hostWith(
      "mount --bind /proc/sys /proc/sys; mount -o remount,bind,ro /proc/sys",
    );
    const covered = hostWith("mount -t tmpfs none /proc/sys");
    for (const before of [readOnly, covered]) {
      const result = await runOutside([plainProgram(), "run", "echo", "ran"], {
        before,
      });
      expect(result).toMatchObject({ status: 124, stdout: "" });
      expect(result.stderr).toContain("parts of this one are covered");
      const words = ["--proc", "host", "run", "echo", "ran"];
      const chosen = await runOutside([plainProgram(), ...words], { before });
      expect(chosen).toMatchObject({ status: 0, stdout: "ran\n", stderr: "" });
    }
  },
);
