/** One batch of very many commands: nothing of it grows, and nothing of it is left. */

import { expect } from "bun:test";
import { readdirSync } from "node:fs";
import { rule } from "../harness/needs.ts";
import {
  descendants,
  processIsAlive,
  statusField,
} from "../harness/processes.ts";
import { plainProgram } from "../harness/program.ts";
import { start } from "../harness/run.ts";
import { leavesNothing } from "./host-state.ts";
import { newLogin } from "./logins.ts";
import { SOAK } from "./soak.ts";

const TURNS = SOAK ? 100_000 : 2000;
const JOBS = 4;
/** What the collector has not come to yet, in kB. */
const MARGIN = 32_768;
const PATIENCE_SECONDS = SOAK ? 3600 : 100;

/** Of every hundred: most say nothing; the rest write, fail, are killed, or are no commands. */
const LINES = [
  ...Array<string>(94).fill("true"),
  "echo some output",
  "sh -c 'head -c 70000 /dev/zero'",
  "false",
  "no-such-command",
  "'not closed",
  "sh -c 'sleep 0 & exit 3'",
];

interface Counts {
  /** kB. */
  readonly memory: number;
  readonly descriptors: number;
  readonly processes: number;
  readonly zombies: number;
}

/** What a batch is while it runs; null if it has ended. */
function countsOf(pid: number): Counts | null {
  try {
    const family = descendants(pid);
    const state = (each: number) => statusField(each, "State") ?? "";
    return {
      memory: parseInt(statusField(pid, "VmRSS") ?? "", 10),
      descriptors: readdirSync(`/proc/${pid}/fd`).length,
      processes: family.length,
      zombies: family.filter((each) => state(each).startsWith("Z")).length,
    };
  } catch {
    return null;
  }
}

/** The greatest of each. */
function most(samples: readonly Counts[]): Counts {
  const of = (name: keyof Counts) =>
    Math.max(...samples.map((each) => each[name]));
  return {
    memory: of("memory"),
    descriptors: of("descriptors"),
    processes: of("processes"),
    zombies: of("zombies"),
  };
}

rule(`${TURNS} instances of one batch leave it as it was`, ["root"], () =>
  leavesNothing(async () => {
    const login = { ...newLogin("rootless"), timeout: PATIENCE_SECONDS };
    const count = Math.ceil(TURNS / LINES.length);
    const stdin = `${LINES.join("\n")}\n`.repeat(count);
    const words = [plainProgram(), "batch", "-j", String(JOBS)];
    const batch = start(words, { ...login, stdin });
    const samples: Counts[] = [];
    for (;;) {
      const counts = countsOf(batch.pid);
      if (counts === null || !processIsAlive(batch.pid)) break;
      if (counts.memory > 0) samples.push(counts);
      await Bun.sleep(TURNS / 100);
    }
    const result = await batch.ended;
    const total = count * LINES.length;
    const failed = (total * 4) / LINES.length;
    const summary = `selfdock: ${total} commands, ${failed} failed, `;
    expect(result.stderr).toContain(summary);
    const third = Math.floor(samples.length / 3);
    const [early, late] = [
      most(samples.slice(0, third)),
      most(samples.slice(-third)),
    ];
    expect(late.memory).toBeLessThan(early.memory + MARGIN);
    // A socket and two pipes each, and those that a command is started with.
    expect(late.descriptors).toBeLessThanOrEqual(early.descriptors + 2 * JOBS);
    expect(late.processes).toBeLessThanOrEqual(6 * JOBS);
    // Those that are being waited for at this very moment.
    expect(late.zombies).toBeLessThanOrEqual(2 * JOBS);
    console.log(
      `batch: ${total} instances, early ${JSON.stringify(early)}, late ${JSON.stringify(late)}, ${result.stderr.slice(result.stderr.indexOf(summary)).trim()}`,
    );
  }),
);
