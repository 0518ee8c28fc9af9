/**
 * Entering, on every way through its Program: the kernel is asked before
 * anything is joined, by who has no right but the caller's; root joins and does
 * nothing else; and what is inside has nothing left to lose.
 */

import { describe, expect, test } from "bun:test";
import { entryCapabilities } from "../../../src/plan/capabilities.ts";
import { resolveShell } from "../../../src/plan/enter/entry-request.ts";
import { planEntry } from "../../../src/plan/enter/plan-entry.ts";
import { keptCapabilities } from "../../../src/plan/capabilities.ts";
import type { Operand, Program, Step } from "../../../syscalls/program.ts";
import { encode, layOut } from "../../../syscalls/encode.ts";
import { nameOf, shownAs } from "../syscalls/names.ts";
import { ENTRIES } from "./entry-samples.ts";
import type { EntrySample } from "./entry-samples.ts";
import { always, flowOf, never, walk } from "./flow.ts";
import { b, factsOf, requestOf } from "./samples.ts";

function plan({ request, facts, target }: EntrySample): Program {
  return planEntry(request, facts, target).program;
}

const is = (operation: string) => (step: Step) => step.operation === operation;
const HEARING = "hear whether the caller may enter";
const prctl = (name: string) => (step: Step) =>
  step.operation === "prctl" && shownAs(step.operands[0]) === name;

/** Makes the process that is inside: a sibling. */
function begins({ operation, part }: Step): boolean {
  return operation === "clone3" && part.action === "begin in the instance";
}

/** The launcher hears what the process that asks has to say, which ends well only here. */
function answers({ operation, part }: Step): boolean {
  return operation === "waitid" && part.action === HEARING;
}
function agrees({ operation, part }: Step): boolean {
  return operation === "exit_group" && part.action === HEARING;
}

function value(operand: Operand | undefined): unknown {
  if (nameOf(operand) === "caller's uid") return "caller";
  return typeof operand === "object" && operand.kind === "shown"
    ? operand.value
    : operand;
}

/** The three ids of a setresuid, as `-1 0 -1` or `caller caller caller`. */
function ids(step: Step): string | null {
  return step.operation === "setresuid"
    ? step.operands.map(value).join(" ")
    : null;
}

type Identity = "user" | "root" | "nobody's but the user";

function identityAfter(step: Step, identity: Identity): Identity {
  const change = ids(step);
  if (change === null) return identity;
  if (change === "caller caller caller") return "nobody's but the user";
  if (change === "-1 caller -1") return "user";
  if (change === "0 -1 -1") {
    expect(identity).toBe("root");
    return identity;
  }
  expect(`${identity}: ${change}`).toBe("user: -1 0 -1");
  return "root";
}

const LOOKUP =
  /^(open|openat|openat2|chdir|fchdir|execve|execveat|faccessat|readlinkat)$/;

describe.each(ENTRIES.map((sample) => [sample.name, sample] as const))(
  "%s:",
  (_, sample) => {
    const program = plan(sample);
    const flow = flowOf(program);

    test("nothing is joined before the kernel was asked, and the process found alive", () => {
      expect(always(flow, is("setns"), answers)).toBe(true);
      expect(always(flow, agrees, is("process_vm_readv"))).toBe(true);
      const alive = (step: Step) =>
        step.operation === "poll" &&
        step.part.action === "see that the instance still runs";
      expect(always(flow, agrees, alive)).toBe(true);
      expect(program.steps.filter(is("setns"))).toHaveLength(
        sample.target.namespaces.length,
      );
    });

    test("what begins inside has given up everything before", () => {
      for (const loss of [
        prctl("PR_SET_NO_NEW_PRIVS"),
        prctl("PR_CAPBSET_DROP"),
        prctl("PR_CAP_AMBIENT"),
        is("capset"),
        is("seccomp"),
      ])
        expect(always(flow, begins, loss)).toBe(true);
      expect(never(flow, is("setns"), begins)).toBe(true);
      expect(never(flow, is("setns"), is("seccomp"))).toBe(true);
    });

    test("the memory is not dumpable before anything is cloned, and stays so", () => {
      const hidden = (step: Step) =>
        prctl("PR_SET_DUMPABLE")(step) && value(step.operands[1]) === 0;
      expect(always(flow, is("clone3"), hidden)).toBe(true);
      const shown = (step: Step) =>
        prctl("PR_SET_DUMPABLE")(step) && value(step.operands[1]) !== 0;
      expect(program.steps.filter(shown)).toEqual([]);
      const seal = (step: Step) =>
        step.operation === "fcntl" &&
        shownAs(step.operands[1]) === "F_ADD_SEALS";
      expect(always(flow, seal, is("fchmod"))).toBe(true);
    });

    test("no path is looked up between joining and the loss of all privilege", () => {
      const joined = program.steps.findIndex(is("setns"));
      const begun = program.steps.findIndex(begins);
      expect(joined).toBeGreaterThan(0);
      const between = program.steps.slice(joined, begun);
      expect(between.filter(({ operation }) => LOOKUP.test(operation))).toEqual(
        [],
      );
    });

    test("a failing step ends what plays it", () => {
      const { steps, labels } = program;
      const clone = steps.findIndex(is("clone3"));
      const launcher =
        /^(go on in the launcher|hear whether the caller may enter|make a process that joins)$/;
      for (const [index, step] of steps.entries()) {
        if (step.failure !== "fault" || step.target === null) continue;
        if (!step.isCall && step.operation !== "fail") continue;
        const { action } = steps[labels.get(step.target)!]!.part;
        const own = index <= clone || launcher.test(step.part.action);
        expect(`${step.part.action}: ${action}`).toEndWith(
          own ? ": go on in the launcher" : ": end the failed process",
        );
      }
    });

    test("it fits in memory", () => {
      const layout = layOut(program);
      const bytes = {
        constant: new Uint8Array(layout.constantSize),
        state: new Uint8Array(layout.stateSize),
      };
      const bases = { constant: 0x10000, state: 0x10000 + layout.constantSize };
      encode(layout, bases, bytes);
      expect(bytes.constant.some((byte) => byte !== 0)).toBe(true);
    });
  },
);

describe("with root's privilege", () => {
  const elevated = ENTRIES.filter(({ name }) => name.endsWith("elevated"));

  test("root's effective id is there to join and to empty the bounding set, and gone before anything begins inside", () => {
    for (const sample of elevated) {
      const parts = new Set<string>();
      walk(flowOf(plan(sample)), "user", (step, identity: Identity) => {
        const ending = step.part.action === "end the failed process";
        if (identity === "root" && !ending) {
          parts.add(step.part.action);
          expect(step.operation).toMatch(
            /^(setns|setresuid|prctl|jump.*|set|add|fail)$/,
          );
        } else expect(step.operation).not.toBe("setns");
        if (begins(step) || /^(execveat|stop)$/.test(step.operation))
          expect(identity).toBe("nobody's but the user");
        return identityAfter(step, identity);
      });
      expect([...parts].toSorted()).toEqual([
        "give up every privilege",
        "join the instance's namespaces",
      ]);
    }
  });

  test("who asks has neither root nor a capability, and has looked at every owner", () => {
    for (const sample of elevated) {
      const flow = flowOf(plan(sample));
      const question = is("process_vm_readv");
      const user = (step: Step) => ids(step) === "caller caller caller";
      expect(always(flow, question, user)).toBe(true);
      expect(always(flow, question, is("capset"))).toBe(true);
      const opening = (step: Step) =>
        shownAs(step.operands[1]).startsWith("PIDFD_GET_");
      expect(always(flow, opening, user)).toBe(true);
      const owners = flow.program.steps.filter(
        (step) => shownAs(step.operands[1]) === "NS_GET_USERNS",
      );
      expect(owners.map(({ subject }) => subject)).toEqual([
        ...sample.target.namespaces,
      ]);
      for (const owner of owners)
        expect(always(flow, agrees, (step) => step === owner)).toBe(true);
    }
  });

  test("control: a plan that asks as it is, is found out", () => {
    const [sample] = elevated;
    const { steps, ...rest } = plan(sample!);
    const at = steps.findIndex((step) => ids(step) === "caller caller caller");
    const changed = steps.map((step, index) =>
      index === at ? { ...step, operation: "getuid" as const } : step,
    );
    const flow = flowOf({ ...rest, steps: changed });
    const user = (step: Step) => ids(step) === "caller caller caller";
    expect(always(flow, is("process_vm_readv"), user)).toBe(false);
  });
});

test("rootless, no id is changed, and the user namespace is joined first", () => {
  for (const sample of ENTRIES.filter(({ name }) =>
    name.endsWith("rootless"),
  )) {
    const { steps } = plan(sample);
    expect(steps.filter(is("setresuid"))).toEqual([]);
    const kinds = steps
      .filter(is("setns"))
      .map(({ operands }) => shownAs(operands[1]));
    expect(kinds).toEqual([
      "CLONE_NEWUSER",
      "CLONE_NEWIPC",
      "CLONE_NEWNS",
      "CLONE_NEWPID",
    ]);
  }
});

test("capabilities are one of our own sets, and none by root's privilege that is not the caller's", () => {
  const maskOf = (numbers: readonly number[]) =>
    numbers.reduce((mask, bit) => mask | (1n << BigInt(bit)), 0n);
  for (const action of ["run", "build"] as const) {
    const rootless = factsOf("rootless");
    const kept = keptCapabilities(
      requestOf({ action, asRoot: true }),
      rootless,
    );
    expect(kept.length).toBeGreaterThan(10);
    expect(entryCapabilities(maskOf(kept), false)).toEqual([...kept]);
    expect(entryCapabilities(maskOf(kept), true)).toEqual([]);
  }
  const root = factsOf("privileged", { uid: 0, gid: 0 });
  const builder = keptCapabilities(requestOf({ action: "build" }), root);
  expect(entryCapabilities(maskOf(builder), false)).toEqual([...builder]);
  for (const foreign of [0n, 1n, 2n ** 41n - 1n, maskOf(builder) | (1n << 21n)])
    expect(entryCapabilities(foreign, false)).toEqual([]);
});

test("the shell is SHELL of the environment that the command gets, if it is a path", () => {
  const shell = (variables: readonly string[], set: string | null = null) =>
    resolveShell(
      {
        ...ENTRIES[0]!.request,
        environment:
          set === null
            ? []
            : [{ kind: "set", name: b("SHELL"), value: b(set) }],
      },
      factsOf("rootless", { environment: variables.map(b) }).caller,
    );
  expect(shell(["A=1", "SHELL=/bin/zsh"])).toBe(b("/bin/zsh"));
  expect(shell(["SHELL=/bin/zsh"], "/bin/fish")).toBe(b("/bin/fish"));
  expect(shell(["SHELL=zsh"])).toBeNull();
  expect(shell(["SHELL="])).toBeNull();
  expect(shell([])).toBeNull();
});
