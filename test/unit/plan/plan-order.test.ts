/** What must come before what, on every way through the Program. */

import { describe, expect, test } from "bun:test";
import { planInstance } from "../../../src/plan/plan-instance.ts";
import type { Label, Step } from "../../../syscalls/program.ts";
import { nameOf, shownAs } from "../syscalls/names.ts";
import { always, flowOf, never, reachable } from "./flow.ts";
import { PROGRAMS, READY_PROGRAMS, SAMPLES } from "./samples.ts";

const call =
  (...names: readonly string[]) =>
  ({ operation }: Step) =>
    names.includes(operation);
const prctl = (word: string) => (step: Step) =>
  step.operation === "prctl" && shownAs(step.operands[0]) === `PR_${word}`;

/** The command, or the init that starts it. */
const execve = (step: Step) =>
  call("execve", "execveat")(step) && !isHelper(step);
/** newuidmap and newgidmap, which the launcher runs. */
const isHelper = ({ part }: Step) =>
  part.action.startsWith("map the caller's subordinate");
const noNewPrivileges = prctl("SET_NO_NEW_PRIVS");
/** For good; elsewhere it has only lent CAP_SYS_ADMIN to the clone. */
const capabilities = (step: Step) =>
  call("capset")(step) && step.part.action === "give up every privilege";
const deathSignal = prctl("SET_PDEATHSIG");
const attach = call("move_mount", "pivot_root");
const readOnly = (step: Step) =>
  step.operation === "mount_setattr" &&
  nameOf(step.operands[3]).includes("MOUNT_ATTR_RDONLY");

const rootAttributes = (step: Step) =>
  step.operation === "mount_setattr" && step.part.action === "change the root";
/** Leads past the change of roots. */
const ownRoot = (step: Step) =>
  step.operation.startsWith("jump") &&
  step.part.action === "change the root" &&
  step.operands.some((each) => nameOf(each) === "is the process's own");

describe.each(PROGRAMS)("%s:", (_, program) => {
  const flow = flowOf(program);
  const child = flow.program.steps.findIndex(call("clone3"));

  test("before the command stand all the locks", () => {
    expect(flow.program.steps.some(execve)).toBe(true);
    const locks = {
      PR_SET_NO_NEW_PRIVS: noNewPrivileges,
      "the filter": call("seccomp"),
      capset: capabilities,
      PR_CAPBSET_DROP: prctl("CAPBSET_DROP"),
      PR_CAP_AMBIENT: prctl("CAP_AMBIENT"),
      PR_SET_PDEATHSIG: deathSignal,
      close_range: call("close_range"),
      "a slave": call("mount"),
      "the root's attributes": rootAttributes,
      "the limit": call("prlimit64"),
    };
    const missing = Object.entries(locks).filter(
      ([, lock]) => !always(flow, execve, lock),
    );
    expect(missing.map(([name]) => name)).toEqual([]);
  });

  test("a root that is not the process's own takes its place, and that goes", () => {
    const steps = program.steps.map((step) =>
      ownRoot(step)
        ? { ...step, operation: "getuid" as const, target: null }
        : step,
    );
    const other = flowOf({ ...program, steps });
    for (const change of ["move_mount", "pivot_root", "umount2"])
      expect(
        always(
          other,
          execve,
          (step) =>
            step.operation === change && step.part.action === "change the root",
        ),
      ).toBe(true);
  });

  test("no_new_privs comes before the filter, and nothing is mounted behind either", () => {
    expect(always(flow, call("seccomp"), noNewPrivileges)).toBe(true);
    expect(
      never(
        flow,
        call(
          "move_mount",
          "mount",
          "open_tree",
          "fsmount",
          "mount_setattr",
          "fspick",
        ),
        noNewPrivileges,
      ),
    ).toBe(true);
  });

  test("the bounding set is emptied before the capabilities that it takes are gone", () => {
    expect(never(flow, prctl("CAPBSET_DROP"), capabilities)).toBe(true);
    expect(always(flow, capabilities, prctl("CAPBSET_DROP"))).toBe(true);
  });

  test("the parent-death signal comes after the last change of ids, and its check after it", () => {
    const changes = call(
      "setresuid",
      "setresgid",
      "setuid",
      "setfsuid",
      "capset",
      "setgroups",
    );
    expect(never(flow, changes, deathSignal)).toBe(true);
    const checks = (step: Step) =>
      call("poll")(step) && step.part.action === "end with the launcher";
    expect(always(flow, execve, checks)).toBe(true);
    expect(always(flow, checks, deathSignal)).toBe(true);
  });

  test("a new procfs is made, or the host's is taken, before that is out of sight", () => {
    const taken = ({ operation, part }: Step) =>
      (operation === "fsmount" && part.action === "make a /proc") ||
      (operation === "open_tree" &&
        part.action === "take the surrounding /proc");
    expect(always(flow, attach, taken)).toBe(true);
  });

  test("everything is a slave before anything is attached", () => {
    expect(always(flow, attach, call("mount"))).toBe(true);
  });

  test("the child never comes to the launcher's steps, nor the launcher to the child's", () => {
    const { steps, labels } = flow.program;
    const launcher = steps.findIndex(
      ({ part }) => part.action === "go on in the launcher",
    );
    const beside = steps[child + 1]!.operation === "waitid";
    const jump = steps[child + (beside ? 2 : 1)]!;
    const target = beside ? (jump.operands[0] as Label) : jump.target!;
    expect([jump.operation, labels.get(target)]).toEqual([
      beside ? "jump" : "jumpNotEqual",
      launcher,
    ]);
    const ofChild = reachable(
      flow,
      beside ? child + 3 : child + 1,
      (step) => step.part.action === "go on in the launcher",
    );
    expect(
      [...ofChild].some((index) => steps[index]!.operation === "stop"),
    ).toBe(false);
    const ofLauncher = [...reachable(flow, launcher)]
      .filter((index) => !isHelper(steps[index]!))
      .map((index) => steps[index]!.operation);
    for (const operation of ofLauncher)
      expect(operation).not.toMatch(
        /^(execve|clone3|move_mount)$/, // it may end itself: root must be given up
      );
  });
});

describe.each(SAMPLES.map((sample) => [sample.name, sample] as const))(
  "%s:",
  (_, { request, facts }) => {
    const flow = flowOf(planInstance(request, facts).program);

    test("sources and the root are opened by the user before anything is attached", () => {
      const sources = new Set<string>(["/etc/resolv.conf", request.rootfs]);
      for (const mount of request.mounts)
        if ("source" in mount) sources.add(mount.source);
      const opened = (step: Step) =>
        step.operation === "openat" &&
        shownAs(step.operands[0]) === "AT_FDCWD" &&
        sources.has(nameOf(step.operands[1]));
      const places = flow.program.steps
        .filter(opened)
        .map((step) => nameOf(step.operands[1]));
      if (request.network === "none") sources.delete("/etc/resolv.conf");
      expect(new Set(places)).toEqual(sources);
      expect(never(flow, opened, attach)).toBe(true);
      for (const { operands } of flow.program.steps.filter(opened))
        expect(shownAs(operands[2])).toMatch(/O_PATH/);
    });

    test("the root is read-only in run, before it is the root, and writable in build", () => {
      const isRoot = (step: Step) => readOnly(step) && rootAttributes(step);
      expect(flow.program.steps.some(isRoot)).toBe(request.action === "run");
      if (request.action === "run")
        for (const behind of [call("pivot_root"), execve])
          expect(always(flow, behind, isRoot)).toBe(true);
    });

    test("every map is read-only and every mount of the user's nosuid before it is attached", () => {
      for (const { kind, ...mount } of request.mounts) {
        if (!("source" in mount)) continue;
        const own = flow.program.steps.filter(({ part }) =>
          part.action.startsWith(`mount "${mount.source}"`),
        );
        const [set, ...others] = own.filter(call("mount_setattr"));
        expect(others).toEqual([]);
        expect(nameOf(set!.operands[3])).toMatch(/MOUNT_ATTR_NOSUID/);
        expect(nameOf(set!.operands[3]).includes("MOUNT_ATTR_RDONLY")).toBe(
          kind === "map",
        );
        expect(shownAs(set!.operands[2])).toMatch(/AT_RECURSIVE/);
      }
    });
  },
);

describe.each(READY_PROGRAMS)("%s:", (_, program) => {
  const flow = flowOf(program);
  const opens = ({ operation, operands }: Step) =>
    operation === "openat" &&
    shownAs(operands[0]) === "AT_FDCWD" &&
    typeof operands[1] === "object" &&
    operands[1].kind === "slot";

  test("what the line names is opened as a place only, by the user, before anything is attached", () => {
    const steps = flow.program.steps.filter(opens);
    expect(steps.map(({ subject }) => subject)).toEqual([
      "{source}",
      "{rootfs}",
    ]);
    for (const { operands } of steps)
      expect(shownAs(operands[2])).toMatch(/O_PATH/);
    expect(never(flow, opens, attach)).toBe(true);
  });

  test("every mount of the user's is nosuid before it is attached, and there is a read-only way", () => {
    const own = flow.program.steps.filter(
      (step) =>
        call("mount_setattr")(step) &&
        step.part.action.startsWith("mount {source}"),
    );
    expect(
      own.map(({ operands }) =>
        nameOf(operands[3]).includes("MOUNT_ATTR_RDONLY"),
      ),
    ).toEqual([true, false]);
    for (const { operands } of own) {
      expect(nameOf(operands[3])).toMatch(/MOUNT_ATTR_NOSUID/);
      expect(shownAs(operands[2])).toMatch(/AT_RECURSIVE/);
    }
  });
});
