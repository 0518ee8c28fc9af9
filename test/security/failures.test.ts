/** Every call that an instance is made of may fail: then there is no instance. */

import { expect } from "bun:test";
import { SYSCALL } from "../../syscalls/arch/x86_64/numbers.table.ts";
import { type Call, listCalls, runPhases } from "./phases.ts";
import { attack, SOAK, type Way } from "./ring.ts";

const NAME = new Map(
  Object.entries(SYSCALL).map(([name, number]) => [number as number, name]),
);

const nameOf = (call: Call) => NAME.get(call.number) ?? String(call.number);

/** ENOMEM, EPERM, EINVAL: each step gets one of them in turn. */
const ERRORS = [12, 1, 22];

/** What an instance is, in its own words. */
const SHOW =
  "cat /proc/self/mounts; grep -E 'Cap|NoNew|Seccomp:' /proc/self/status; pwd; ls /dev; id";

/**
 * Without the mounts that `whole` has not: where the kernel cannot mount beneath
 * another mount, what is covered stays there, read-only and hidden; and where the
 * root's own resolv.conf cannot be looked at, the host's lies over it.
 */
function uncovered(stdout: string, whole: string): string {
  const expected = new Set(whole.split("\n"));
  const hidden =
    /^\S+ \/((dev|proc)\S* \S+ ro,nosuid,nodev,|etc\/resolv\.conf \S+ ro,nosuid,nodev,noexec,)/;
  const hasCover = (line: string) => {
    const [, place, , attributes] = line.split(" ");
    return (
      attributes?.startsWith("ro,nosuid,nodev,") === true &&
      stdout.includes(`\nnone ${place} tmpfs ro,nosuid,nodev,noexec,`)
    );
  };
  return stdout
    .split("\n")
    .filter(
      (line) => expected.has(line) || !(hidden.test(line) || hasCover(line)),
    )
    .join("\n");
}

const OPTIONS = ["-m", "/etc", "/srv/new", "-t", "", "/mnt"];

/** Breaks calls of the child one after another; says how many were, and of how many. */
async function breakEach(
  way: Way,
  options: readonly string[],
): Promise<string> {
  const command = [...options, "run", "sh", "-c", SHOW];
  const whole = (await way.run(command)).stdout;
  const listed = await listCalls(way, command);
  const calls = listed.filter(({ who }) => who === "child").map(nameOf);
  // Behind the execution of the starter there is only the search for the program.
  const end = calls.indexOf("execveat");
  let closed = 0;
  for (let call = 0; call < end; call += SOAK ? 1 : 9) {
    const error = ERRORS[call % ERRORS.length]!;
    const what = `fail:${call}:${error}`;
    const { result, executed } = await runPhases(way, what, command);
    const { status, stdout, stderr } = result;
    const step = { call, name: calls[call], error };
    if (executed) {
      // Asked again, or not needed: nothing may be missing for it.
      const mayDiffer = ["move_mount", "openat2"].includes(calls[call]!);
      const shown = mayDiffer ? uncovered(stdout, whole) : stdout;
      expect({ ...step, shown }).toEqual({ ...step, shown: whole });
      continue;
    }
    expect({ ...step, status, stdout }).toEqual({
      ...step,
      status: 124,
      stdout: "",
    });
    expect(stderr).toMatch(
      /^(selfdock: warning: only root [^\n]+\n)?selfdock: Cannot [^\n]+\n(selfdock: hint: [^\n]+\n)?$/,
    );
    closed++;
  }
  expect(closed).toBeGreaterThan(15);
  return `${closed} of ${end} calls broken, all closed`;
}

attack(
  "A28",
  "a call of the child that fails ends in 124 with one message, or in the same instance",
  async (way) => {
    console.log(`A28 ${way.name}: ${await breakEach(way, OPTIONS)}`);
  },
);

attack("A72", "the same holds of --as-root", async (way) => {
  const options = ["--as-root", "--hide", "/etc/issue", ...OPTIONS];
  console.log(`A72 ${way.name}: ${await breakEach(way, options)}`);
});
