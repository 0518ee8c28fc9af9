/** Signals: each reaches the command once, or does what its default does to anybody. */

import { expect } from "bun:test";
import { forEachMode } from "../harness/modes.ts";
import { statusField, waitUntil } from "../harness/processes.ts";
import { runOutside, start } from "../harness/run.ts";
import type { Running } from "../harness/run.ts";
import { ruleAsBare } from "./compare.ts";
import { INTERRUPT, QUIT, SUSPEND } from "./keys.ts";
import { program } from "./programs.ts";

/** All that can be handled but the two that the C library keeps for itself. */
const CATCHABLE = Array.from({ length: 64 }, (_, index) => index + 1).filter(
  (number) => ![9, 19, 32, 33].includes(number),
);

const DEFAULTS = [
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGILL",
  "SIGTRAP",
  "SIGABRT",
  "SIGBUS",
  "SIGFPE",
  "SIGUSR1",
  "SIGSEGV",
  "SIGUSR2",
  "SIGPIPE",
  "SIGALRM",
  "SIGTERM",
  "SIGXCPU",
  "SIGXFSZ",
  "SIGVTALRM",
  "SIGPROF",
  "SIGIO",
  "SIGPWR",
  "SIGSYS",
] as const;

const CORE = 4;

function line(number: number): string {
  return `<${String(number).padStart(2, "0")}>`;
}

function send(pid: number, number: number): void {
  Bun.spawnSync(["kill", `-${number}`, "--", String(pid)]);
}

async function isReady(running: Running): Promise<void> {
  await waitUntil("it is ready", () => running.stdout().startsWith("ready\n"));
  await waitUntil("selfdock waits for signals", async () => {
    const place = await Bun.file(`/proc/${running.pid}/wchan`).text();
    return /^(do_sigtimedwait|hrtimer_nanosleep|common_nsleep)/.test(place);
  });
}

forEachMode((mode) => {
  for (const init of [[], ["--init"]])
    mode.rule(
      `each signal sent to selfdock reaches the command exactly once${init.length > 0 ? ", with --init" : ""}`,
      async () => {
        const command = [program("count"), "60"];
        for (const running of [
          mode.start(["run", ...init, ...command]),
          start(command),
        ]) {
          await isReady(running);
          let wanted = "ready\n";
          for (const number of CATCHABLE) {
            send(running.pid, number);
            wanted += `${line(number)}\n`;
            await waitUntil(
              `${number} has arrived`,
              () => running.stdout().includes(line(number)),
              3,
            );
          }
          // Time enough for one too many.
          await Bun.sleep(100);
          expect(running.stdout()).toBe(wanted);
          running.kill("SIGKILL");
          await running.ended;
        }
      },
    );

  for (const [pipe, ...words] of [
    [""],
    [" | cat -u"],
    ["", "--init"],
    [" | cat -u", "--init"],
  ] as const) {
    ruleAsBare(
      mode,
      `keys and a new size reach a command once${pipe && ", in a pipeline too"}${words.length > 0 ? ", with --init" : ""}`,
      async (desk) => {
        const command = `${program("count")} 60`;
        desk.line(`$RUN ${command}${pipe}`);
        await desk.see("ready\r\n");
        await desk.runs(command);
        // A reader that dies of the key would end the pipeline.
        const keys: readonly (readonly [string, number])[] =
          pipe === ""
            ? [
                [INTERRUPT, 2],
                [QUIT, 3],
                [SUSPEND, 20],
              ]
            : [];
        for (const [key, number] of keys) {
          desk.type(key);
          await desk.see(`${line(number)}\r\n`);
        }
        desk.resize(81, 25);
        await desk.see(`${line(28)}\r\n`);
        desk.resize(80, 24);
        await desk.see(`${line(28)}\r\n`);
        await Bun.sleep(100);
        process.kill(desk.find(command).at(-1)!, "SIGKILL");
        await desk.prompt();
        desk.conceal(command, "COUNT");
        desk.conceal(/.*Killed.*/, "KILLED");
      },
      { words },
    );
  }

  mode.rule("a signal to the whole group arrives at least once", async () => {
    const running = mode.start(["run", program("count"), "60"], {
      before: ["setsid"],
    });
    await isReady(running);
    send(-running.pid, 10);
    await waitUntil(
      "it has arrived",
      () => running.stdout().includes("<10>"),
      3,
    );
    running.kill("SIGKILL");
    await running.ended;
  });

  for (const signal of DEFAULTS) {
    mode.rule(
      `${signal}, not handled, ends the instance and selfdock`,
      async () => {
        const limits = [[CORE, 0, 0]] as const;
        const seconds = `8${Math.floor(Math.random() * 1e9)}.125`;
        const running = mode.start(
          [
            "run",
            "sh",
            "-c",
            `setsid sleep ${seconds} & echo ready; exec sleep ${seconds}`,
          ],
          { limits },
        );
        await isReady(running);
        running.kill(signal);
        expect(await running.ended).toMatchObject({
          status: null,
          signal,
          stderr: "",
        });
        await waitUntil(
          "nothing is left",
          () => Bun.spawnSync(["pgrep", "-f", seconds]).exitCode === 1,
        );
      },
    );
  }

  for (const signal of ["SIGWINCH", "SIGURG", "SIGCHLD", "SIGCONT"] as const) {
    mode.rule(`${signal}, not handled, changes nothing`, async () => {
      const running = mode.start([
        "run",
        "sh",
        "-c",
        "echo ready; exec sleep 0.5",
      ]);
      await isReady(running);
      running.kill(signal);
      expect(await running.ended).toMatchObject({ status: 0, signal: null });
    });
  }

  mode.rule("STOP and CONT stop and resume the instance", async () => {
    const running = mode.start(
      ["run", "sh", "-c", "echo ready; exec sleep 1"],
      { ownGroup: true },
    );
    await isReady(running);
    running.kill("SIGTSTP");
    const stopped = (): boolean =>
      statusField(running.pid, "State")?.startsWith("T") ?? false;
    await waitUntil("selfdock is stopped", stopped);
    running.kill("SIGCONT");
    expect(await running.ended).toMatchObject({ status: 0, signal: null });
  });

  mode.rule("signals that the caller ignores are ignored inside", async () => {
    const running = mode.start(
      ["run", "sh", "-c", "echo ready; exec sleep 0.7"],
      { ignore: [1, 15] },
    );
    await isReady(running);
    running.kill("SIGHUP");
    running.kill("SIGTERM");
    expect(await running.ended).toMatchObject({ status: 0, signal: null });
  });

  mode.rule(
    "with --init death by a signal is selfdock's death by it",
    async () => {
      const args = ["sh", "-c", "kill -SEGV $$"];
      const limits = [[CORE, 0, 0]] as const;
      const bare = await runOutside(["/bin/sh", ...args.slice(1)], { limits });
      expect(bare).toMatchObject({ status: null, signal: "SIGSEGV" });
      expect(
        await mode.run(["run", "--init", ...args], { limits }),
      ).toMatchObject({ status: null, signal: "SIGSEGV", stderr: "" });
    },
  );
});
