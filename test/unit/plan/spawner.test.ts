/** The spawner's Program, and the memory that it shares. */

import { describe, expect, test } from "bun:test";
import { planSpawnerStart } from "../../../src/plan/spawner/plan-spawner-start.ts";
import { planSpawner } from "../../../src/plan/spawner/plan-spawner.ts";
import { spawnerExecutable } from "../../../src/plan/spawner/spawner-executable.ts";
import {
  PLAN_ADDRESS,
  PLAN_SIZE,
  PROGRAM_STATE_ADDRESS,
  SHARED_SIZE,
  STATE_COPY_OFFSET,
  TICKET,
  TICKET_OFFSET,
} from "../../../src/plan/spawner/spawner-memory.ts";
import { HANDOVER, MEMORY_ADDRESS } from "../../../src/stage0/handover.ts";
import { writeExecutable } from "../../../syscalls/elf-writer.ts";

describe("the spawner's memory", () => {
  test("holds handover, ticket and copy of the state side by side", () => {
    expect(HANDOVER.size).toBeLessThanOrEqual(TICKET_OFFSET);
    expect(TICKET_OFFSET + TICKET.size).toBeLessThanOrEqual(STATE_COPY_OFFSET);
    const ends = Object.values(TICKET.fields)
      .map(({ offset, size }) => [offset, offset + size] as const)
      .toSorted(([a], [b]) => a - b);
    ends.slice(1).forEach(([start], index) => {
      expect(start).toBeGreaterThanOrEqual(ends[index]![1]);
    });
    expect(ends.at(-1)![1]).toBeLessThanOrEqual(TICKET.size);
  });

  test("lies where nothing else does", () => {
    const regions = [
      [0x40_0000, 0x800_0000 + 0x10_0000],
      [MEMORY_ADDRESS, MEMORY_ADDRESS + SHARED_SIZE],
      [PLAN_ADDRESS, PLAN_ADDRESS + PLAN_SIZE],
      [PROGRAM_STATE_ADDRESS, PROGRAM_STATE_ADDRESS + 0x1000_0000],
    ] as const;
    regions.slice(1).forEach(([start], index) => {
      expect(start).toBeGreaterThanOrEqual(regions[index]![1]);
    });
  });
});

test("the file that is built in is that of the plan", () => {
  const written = Buffer.from(writeExecutable(planSpawner()));
  expect(written.equals(spawnerExecutable())).toBe(true);
  expect(written.length).toBeLessThan(20_000);
});

test("the spawner ends where a step fails, but for what its instance's end does not need", () => {
  const calls = planSpawner().steps.filter(({ isCall }) => isCall);
  const tolerated = calls.filter(({ failure }) => failure === "continue");
  expect([...new Set(tolerated.map(({ operation }) => operation))]).toEqual([
    "dup3",
    "pidfd_send_signal",
    "close",
    "kill",
    "exit_group",
  ]);
});

test("a process that starts a spawner has its signal mask again in every case", () => {
  const { steps } = planSpawnerStart({
    file: 10,
    plan: 11,
    turns: null,
    name: null,
  }).program;
  const last = steps.slice(-3).map(({ operation }) => operation);
  expect(last).toEqual(["close", "rt_sigprocmask", "stop"]);
});
