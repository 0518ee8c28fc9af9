/** What `--dry-run` prints, of every kind of request. */

import { expect, test } from "bun:test";
import {
  findReason,
  renderDryRun,
} from "../../../src/commands/render-dry-run.ts";
import { REASONS } from "../../../src/commands/reasons.table.ts";
import { planInstance } from "../../../src/plan/plan-instance.ts";
import { planStarter } from "../../../src/plan/starter/starter-executable.ts";
import { renderParts } from "../../../syscalls/render-parts.ts";
import { SYSCALL } from "../../../syscalls/arch/x86_64/numbers.table.ts";
import { CONTROL } from "../../../syscalls/record.ts";
import { planEntry } from "../../../src/plan/enter/plan-entry.ts";
import { ENTRIES } from "../plan/entry-samples.ts";
import { b, factsOf, requestOf, SAMPLES } from "../plan/samples.ts";

/** What no line asks for is never told in words. */
const LINES = SAMPLES.filter(({ facts }) => !facts.spawned);

const programs = [
  ...LINES.flatMap(({ request, facts }) => {
    const { program, starter } = planInstance(request, facts);
    return [program, planStarter(starter)];
  }),
  ...ENTRIES.map(
    ({ request, facts, target }) => planEntry(request, facts, target).program,
  ),
];

test("every part has its reason, and every reason its part", () => {
  const actions = programs.flatMap(({ parts }) =>
    parts.map(({ action }) => action),
  );
  const without = actions.filter((action) => findReason(action) === undefined);
  expect([...new Set(without)]).toEqual([]);
  const used = new Set(actions.map((action) => findReason(action)));
  const idle = REASONS.filter((row) => !used.has(row));
  expect(idle.map(({ action }) => action)).toEqual([]);
});

test("in words it fits 80 columns, in the order in which things happen", () => {
  for (const { request, facts } of LINES) {
    const lines = renderDryRun("words", request, facts).split("\n");
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.join("\n")).not.toMatch(/undefined|NaN|\[object|\$\{/);
  }
  const { request, facts } = SAMPLES.find(
    ({ name }) => name === "plain, user, rootless",
  )!;
  const text = renderDryRun("words", request, facts);
  const marks = [
    "In selfdock itself:",
    "clone3(CLONE_VM|VFORK|NEWNS|",
    "In the new process:",
    'mount("/",MS_REC|SLAVE)',
    "mount_setattr(MOUNT_ATTR_RDONLY|NOSUID|NODEV)",
    'pivot_root(".",".")',
    "PR_SET_NO_NEW_PRIVS",
    "execveat()",
    "In selfdock itself:",
    "The starter, which the new process executes:",
    "execve()",
  ];
  let at = 0;
  for (const mark of marks) {
    at = text.indexOf(mark, at);
    expect(`${mark} ${at >= 0}`).toBe(`${mark} true`);
  }
});

test("a path of 300 bytes and controls in names break no line and no reason", () => {
  const long = b(`/${"x".repeat(300)}`);
  const request = requestOf({
    rootfs: b('/a"\u001b[2J\n at "/b'),
    mounts: [{ kind: "map", source: long, target: b('/x" at "/y') }],
  });
  const text = renderDryRun("words", request, factsOf("rootless"));
  expect(text).not.toMatch(/[^\n -~]/);
  expect(text).toContain("looked up with the caller's ids, once");
  expect(text).toContain("a clone of the tree");
});

interface Json {
  readonly mode: string;
  readonly programs: readonly {
    readonly name: string;
    readonly parts: readonly {
      readonly action: string;
      readonly reason: string;
      readonly by: string;
      readonly steps: readonly {
        readonly index: number;
        readonly call: string | null;
        readonly control: string | null;
        readonly operands: readonly unknown[];
        readonly result: string | null;
        readonly failure: unknown;
        readonly print: string;
      }[];
    }[];
  }[];
}

test("JSON tells every step once, with its call, flags, result and what a failure does", () => {
  const some = SAMPLES.filter(
    ({ name }) => !/directory|root,|kernel/.test(name),
  );
  expect(some.length).toBeGreaterThan(8);
  for (const { request, facts } of some) {
    const { program, starter } = planInstance(request, facts);
    const json = JSON.parse(renderDryRun("json", request, facts)) as Json;
    expect(json.mode).toBe(facts.mode);
    const listing = new Set(renderDryRun("steps", request, facts).split("\n"));
    for (const [at, whole] of [program, planStarter(starter)].entries()) {
      const steps = json.programs[at]!.parts.flatMap((part) => part.steps);
      expect(steps.map(({ index }) => index)).toEqual(
        whole.steps.map((_, index) => index),
      );
      const controls: readonly string[] = CONTROL;
      const wrong = steps.filter(
        ({ call, control, operands, failure }) =>
          (call === null ? !controls.includes(control!) : !(call in SYSCALL)) ||
          (failure === null) !== (call === null) ||
          operands.some((operand) => (operand ?? null) === null),
      );
      expect(wrong).toEqual([]);
      const missing = steps.filter(
        ({ index, print }) =>
          !listing.has(`${String(index).padStart(5)}  ${print}`),
      );
      expect(missing).toEqual([]);
    }
  }
});

test("JSON names flags and values, and what may fail", () => {
  const json = JSON.parse(
    renderDryRun("json", requestOf(), factsOf("rootless")),
  ) as Json;
  const parts = json.programs[0]!.parts;
  const part = parts.find(({ action }) => action === 'use "/" as the root')!;
  expect(part.by).toBe("instance");
  expect(part.steps.slice(0, 2)).toMatchObject([
    {
      call: "openat",
      result: "root",
      failure: "end",
      operands: [{ meaning: "AT_FDCWD" }, { text: "/" }, {}, 0],
    },
    {
      call: "openat",
      result: "own root",
      operands: [{ meaning: "AT_FDCWD" }, { text: "/" }, {}, 0],
    },
  ]);
  const failures = new Set(
    parts.flatMap(({ steps }) => steps.map(({ failure }) => failure)),
  );
  expect(failures).toContain("go on");
  expect([...failures].some((failure) => typeof failure === "object")).toBe(
    true,
  );
  expect(renderParts(programs[0]!)).not.toEqual([]);
});
