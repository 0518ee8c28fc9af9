/** `enter`: one more process in an instance, as its first was started. */

import { expect } from "bun:test";
import { forEachMode, rootless } from "../harness/modes.ts";
import { rule } from "../harness/needs.ts";
import { processIsAlive, waitUntil } from "../harness/processes.ts";
import { makeRoom } from "../harness/room.ts";
import { inside, started } from "./entered.ts";
import { list, type Listed } from "./listed.ts";

/** What a process is held by. */
const STATE = String.raw`
for file in /proc/self/ns/*; do readlink $file; done
grep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp)' /proc/self/status
cat /proc/self/uid_map /proc/self/gid_map
cut -d' ' -f4- /proc/self/mountinfo
hostname; ls -l /proc/self/fd | grep -c ' -> '; id`;

/** A command that tells of itself and stays; nothing that it writes is lost. */
const TELLING = ["sh", "-c", `${STATE}\necho told; exec sleep 60`];

const KINDS: Readonly<Record<string, readonly string[]>> = {
  plain: [],
  "--init": ["--init"],
  "--net none": ["--net", "none"],
  "--hostname": ["--hostname", "inside"],
};

forEachMode((mode) => {
  for (const [kind, options] of Object.entries(KINDS))
    mode.rule(
      `${kind}: what enters is held as the first command is`,
      async () => {
        const running = await started(mode, ["run", ...options, ...TELLING]);
        const told = running.stdout();
        expect(told).toContain("NoNewPrivs:\t1\n");
        const entered = await mode.output([
          "enter",
          String(running.pid),
          "sh",
          "-c",
          `${STATE}\necho told`,
        ]);
        expect(entered).toBe(told);
        const outside = await mode.output([
          "enter",
          String(inside(running)),
          "id",
          "-u",
        ]);
        expect(outside).toBe("1000\n");
      },
    );

  mode.rule(
    "by name, by pid of selfdock or of any process inside",
    async () => {
      const name = `entered-${process.pid}`;
      const running = await started(mode, [
        "run",
        "--name",
        name,
        "sh",
        "-c",
        "sleep 60; exit",
      ]);
      for (const word of [name, String(running.pid), String(inside(running))])
        expect(
          await mode.output(["enter", word, "cat", "/proc/1/cmdline"]),
        ).toStartWith("sh\0-c\0sleep 60");
    },
  );

  mode.rule("words that name no process find none", async () => {
    const running = await started(mode, ["run", "sleep", "60"]);
    const { pid } = running;
    for (const word of [
      "0",
      "1",
      "-1",
      "1e3",
      "0x10",
      `0${pid}`,
      `${2 ** 32 + pid}`,
      `../${pid}`,
      `${pid} `,
      "",
      String(process.pid),
    ]) {
      const result = await mode.run(["enter", "--", word, "id"]);
      expect(result).toMatchObject({ status: 124, stdout: "" });
      expect(result.stderr).toStartWith("selfdock: Cannot find ");
    }
    const option = await mode.run(["enter", "-1", "id"]);
    expect(option).toMatchObject({ status: 124, stdout: "" });
  });

  mode.rule(
    "what entered ends with its selfdock, and with the instance",
    async () => {
      const running = await started(mode, ["run", "sleep", "60"]);
      const words = ["enter", String(running.pid), "sleep", "61"];
      const killed = await started(mode, words);
      const orphan = inside(killed);
      killed.kill("SIGKILL");
      await killed.ended;
      await waitUntil("it has ended", () => !processIsAlive(orphan));
      expect(processIsAlive(inside(running))).toBe(true);
      const left = await started(mode, words);
      await mode.output(["stop", String(running.pid)]);
      expect(await left.ended).toMatchObject({ signal: "SIGKILL" });
    },
  );

  mode.rule(
    "ps counts what has entered, and finds the instance by it",
    async () => {
      const running = await started(mode, ["run", "sleep", "60"]);
      const entered = await started(mode, [
        "enter",
        String(running.pid),
        "sh",
        "-c",
        "sleep 61; exit",
      ]);
      let rows: readonly Listed[] = [];
      const find = () => rows.find(({ pid }) => pid === running.pid);
      // Its selfdock may still be busy becoming what minds it.
      await waitUntil("what entered is minded", async () => {
        rows = await list(mode);
        return find()?.entered.length === 1;
      });
      const listed = find();
      expect(listed!.entered).toEqual([entered.pid]);
      expect(listed!.processes).toHaveLength(3);
      expect(listed!.processes).toContain(inside(entered));
      expect(rows.some(({ pid }) => pid === entered.pid)).toBe(false);
      const word = String(inside(entered));
      expect(await mode.output(["enter", word, "cat", "/proc/1/comm"])).toBe(
        "sleep\n",
      );
    },
  );

  mode.rule(
    "an instance in an instance is entered from the one around it",
    async () => {
      const selfdock = mode.program();
      const script = `${selfdock} run --name deep --hostname deep sleep 60 &
      while ! ${selfdock} ps | grep -q ^deep; do sleep 0.05; done
      ${selfdock} enter deep sh -c 'hostname; grep NoNewPrivs /proc/self/status'; kill $!`;
      const result = await mode.run(["run", "--init", "sh", "-c", script]);
      // There setns(2) is refused: what it joined could be an instance outside.
      if (mode.name === "setuid") {
        expect(result.stdout).toBe("");
        expect(result.stderr).toContain(
          "setns: EPERM)\nselfdock: hint: within",
        );
      } else
        expect(result).toMatchObject({
          status: 0,
          stdout: "deep\nNoNewPrivs:\t1\n",
          stderr: "",
        });
    },
  );

  mode.rule("a dry run tells how, and touches nothing", async () => {
    const { pid } = await started(mode, ["run", "sleep", "60"]);
    const words = await mode.output(["--dry-run", "enter", String(pid), "id"]);
    expect(words).toStartWith(`One more process in instance ${pid}: id\n`);
    const steps = await mode.output([
      "--dry-run=steps",
      "enter",
      String(pid),
      "id",
    ]);
    expect(steps).toContain("process_vm_readv");
    expect(steps).toContain("CLONE_NEWPID");
    expect(steps).not.toMatch(/undefined|NaN|\[object/);
  });
});

rule(
  "--as-root: what enters is root inside with the set of its first, and no more",
  ["root"],
  async () => {
    for (const action of ["run", "build"]) {
      const room = makeRoom();
      const root = action === "build" ? ["-r", room, "-v", "/bin", "/bin"] : [];
      const program = action === "build" ? [] : root;
      const running = await started(rootless, [
        ...program,
        action,
        "--as-root",
        ...TELLING,
      ]);
      const told = running.stdout();
      expect(told).toContain("Uid:\t0\t0\t0\t0\n");
      expect(
        await rootless.output([
          "enter",
          String(running.pid),
          "sh",
          "-c",
          `${STATE}\necho told`,
        ]),
      ).toBe(told);
    }
  },
);
