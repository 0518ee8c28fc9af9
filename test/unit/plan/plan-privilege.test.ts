/**
 * Who the process is at each step, on every way through the Program. With root's
 * effective id nothing is looked up by a path of the user's, and whatever runs
 * at the end has no root in any id.
 */

import { describe, expect, test } from "bun:test";
import { planInstance } from "../../../src/plan/plan-instance.ts";
import type { Operand, Program, Step } from "../../../syscalls/program.ts";
import { nameOf } from "../syscalls/names.ts";
import { flowOf, walk } from "./flow.ts";
import { ELEVATED, READY_PROGRAMS, SAMPLES } from "./samples.ts";

const UID = 1000;

/** The effective id is the user's, with CAP_SYS_ADMIN or none, or root's, root being the saved one; or root is given up for good. */
type Identity = "user" | "administrator" | "root" | "nobody's but the user";

const KEEP = -1;

function numberOf(operand: Operand): number {
  if (nameOf(operand) === "caller's uid") return UID;
  const value =
    typeof operand === "object" && operand.kind === "shown"
      ? operand.value
      : operand;
  if (typeof value !== "number")
    throw new RangeError("an id that is no number");
  return value;
}

const CAPABILITIES: Readonly<Record<string, Identity>> = {
  "the user's, and CAP_SYS_ADMIN": "administrator",
  "the user's capabilities": "user",
};

/** What setresuid(2) and capset(2) make of it; only the forms that the plan has. */
function changed(step: Step, identity: Identity): Identity {
  if (step.operation === "capset") {
    const next = CAPABILITIES[nameOf(step.operands[1])];
    if (next === undefined) return identity;
    expect(identity).toBe(next === "user" ? "administrator" : "user");
    return next;
  }
  if (step.operation !== "setresuid") return identity;
  const [real, effective, saved] = step.operands.map(numberOf);
  if (real === UID && effective === UID && saved === UID)
    return "nobody's but the user";
  expect(identity).not.toBe("nobody's but the user");
  expect(saved).toBe(KEEP);
  // Whose processes it counts among changes nothing of what it may do.
  if (real === 0) expect([effective, identity]).toEqual([KEEP, "root"]);
  else expect(real).toBe(KEEP);
  if (effective === KEEP) return identity;
  if (effective === 0) return "root";
  expect(effective).toBe(UID);
  return "user";
}

/** Calls that look up a path, wherever it comes from. */
const LOOKUPS = new Set(
  "open openat openat2 chdir execve execveat faccessat faccessat2 readlinkat readlink stat newfstatat getcwd access".split(
    " ",
  ),
);

/** The files of --data are made in a new filesystem that nobody else can reach. */
function isOwnFile({ operation, operands: [at, name] }: Step): boolean {
  const own = `${nameOf(at)}: ${nameOf(name)}`;
  return operation === "openat" && own === "empty things: data 0";
}

/** Calls that act in a directory of ours by a name of one component. */
const OWN_DIRECTORY = new Set(
  "mkdirat mknodat symlinkat fchmodat fchownat".split(" "),
);

/** What a call made as root may name: nothing, or a word of the plan's own. */
const OWN_WORDS = new Set([
  "",
  ".",
  "/",
  "directory",
  "file",
  "taken",
  "hidden directory",
  "hidden file",
  "data 0",
  "null",
  "zero",
  "full",
  "random",
  "urandom",
  "tty",
  "console",
  "pts",
  "shm",
  "fd",
  "stdin",
  "stdout",
  "stderr",
  "ptmx",
]);

function wordsOf({ operands }: Step): readonly string[] {
  return operands.flatMap((operand) =>
    typeof operand === "object" &&
    operand.kind === "data" &&
    !operand.writable &&
    !nameOf(operand).startsWith("{")
      ? [nameOf(operand)]
      : [],
  );
}

const PATHS = new Set(
  "mkdirat mknodat move_mount open_tree mount umount2 pivot_root chroot mount_setattr fspick fchmodat fchownat".split(
    " ",
  ),
);

const PROGRAMS: readonly (readonly [string, Program])[] = [
  ...ELEVATED.map(
    ({ name, request, facts }) =>
      [name, planInstance(request, facts).program] as const,
  ),
  ...READY_PROGRAMS.filter(([name]) => name === "ready-made, setuid"),
];

describe.each(PROGRAMS)("%s:", (_, program) => {
  const flow = flowOf(program);

  test("nothing is looked up with root's effective id", () => {
    walk(flow, "user", (step, identity: Identity) => {
      if (identity === "root" || identity === "administrator") {
        const text = `${step.part.action}: ${step.operation}`;
        if (isOwnFile(step)) return identity;
        expect(LOOKUPS.has(step.operation) ? text : "").toBe("");
        if (OWN_DIRECTORY.has(step.operation))
          expect(typeof step.operands[0]).toBe("object");
        if (PATHS.has(step.operation))
          expect(wordsOf(step).filter((word) => !OWN_WORDS.has(word))).toEqual(
            [],
          );
      }
      return changed(step, identity);
    });
  });

  test("a part ends with the identity with which it began, or with less", () => {
    const { steps } = flow.program;
    let before: { step: Step; identity: Identity } | null = null;
    const ends = new Set<string>();
    // In the order of the steps, which is that of the parts.
    let identity: Identity = "user";
    for (const step of steps) {
      if (
        before !== null &&
        before.step.part !== step.part &&
        (identity === "root" || identity === "administrator")
      )
        ends.add(before.step.part.action);
      identity =
        step.part.action === "go on in the launcher"
          ? "user"
          : changed(step, identity);
      if (step.part.action === "end the failed child") break;
      before = { step, identity };
      if (step.operation.startsWith("exec")) break;
    }
    // The child is made by root; its first part gives that up. Mounts that take no
    // look at the host are made in a row.
    const known = new Set([
      "make a process in new namespaces",
      "make the instance's own mounts",
      "make the covers read-only",
      "make a /proc",
      "make a /dev",
      'make a tmpfs for "/tmp"',
      "change the root",
      "find what is mounted on the root",
    ]);
    expect([...ends].filter((action) => !known.has(action))).toEqual([]);
    expect(ends).toContain("make a process in new namespaces");
  });

  test("the namespaces are the user's to answer for, not root's: its id is the effective one", () => {
    let clones = 0;
    walk(flow, "user", (step, identity: Identity) => {
      if (step.operation === "clone3") {
        expect(identity).toBe("administrator");
        clones += 1;
      }
      return changed(step, identity);
    });
    expect(clones).toBeGreaterThan(0);
  });

  test("the command, and the launcher when it goes on, have no root in any id", () => {
    const met: string[] = [];
    walk(flow, "user", (step, identity: Identity) => {
      if (/^(execve|execveat|stop)$/.test(step.operation)) {
        expect(identity).toBe("nobody's but the user");
        met.push(step.operation.slice(0, 4));
      }
      return changed(step, identity);
    });
    expect(new Set(met)).toEqual(new Set(["exec", "stop"]));
  });

  test("the command's own lookups are made when root is gone for good", () => {
    walk(flow, "user", (step, identity: Identity) => {
      if (/^(execute|enter) /.test(step.part.action))
        expect(identity).toBe("nobody's but the user");
      return changed(step, identity);
    });
  });
});

test("control: a plan that forgets to lower the id is found out", () => {
  const { request, facts } = ELEVATED[0]!;
  const { program } = planInstance(request, facts);
  const lowering = program.steps.findIndex(
    ({ operation, operands, part }) =>
      part.action === "keep mounts from reaching the host" &&
      operation === "setresuid" &&
      numberOf(operands[1]!) === UID,
  );
  const steps = program.steps.map((step, index) =>
    index === lowering ? { ...step, operation: "getuid" as const } : step,
  );
  const flow = flowOf({ ...program, steps });
  const lookups: string[] = [];
  walk(flow, "user", (step, identity: Identity) => {
    if (identity === "root" && LOOKUPS.has(step.operation))
      lookups.push(step.operation);
    return changed(step, identity);
  });
  expect(lowering).toBeGreaterThan(0);
  expect(lookups).not.toEqual([]);
});

describe.each(
  SAMPLES.filter((sample) => !ELEVATED.includes(sample)).map(
    (sample) => [sample.name, sample] as const,
  ),
)("%s:", (_, { request, facts }) => {
  test("no id is changed", () => {
    const { steps } = planInstance(request, facts).program;
    expect(
      steps.filter(({ operation }) =>
        /^set(res|re|fs)?[ug]id$|^setgroups$/.test(operation),
      ),
    ).toEqual([]);
  });
});
