/**
 * Kernels: under a filter that answers ENOSYS to every call newer than Linux
 * 5.12, and refuses newer flags, each kind of launch makes the same instance by
 * its fallbacks. In soak the instance and the security ring run under it as a whole.
 */

import { expect } from "bun:test";
import { chmodSync, existsSync, readdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { rule } from "../harness/needs.ts";
import { makeRoom } from "../harness/room.ts";
import { busyboxRoot } from "../harness/roots.ts";
import { type Result, runOutside } from "../harness/run.ts";
import { parseSummary } from "../../tools/summary.ts";
import { withoutAsides } from "./as-root.ts";
import { KIND_NAMES, makeKind, reporting, takeMark, takes } from "./kinds.ts";
import { MODES, newLogin, programOf } from "./logins.ts";
import { faultProgram } from "./programs.ts";
import { SOAK } from "./soak.ts";

/** Files of tests of what needs newer calls, and says so where they are missing; and why. */
const EXCEPTED: Readonly<Record<string, string>> = {
  "bake.test.ts": "a baked file lists mounts by statmount",
  "bake-refusals.test.ts": "the same",
  "baked.test.ts": "the same",
  "ready-made.test.ts": "where mounts are not listed stage 0 leaves all to Bun",
  "threads.test.ts": "the same",
  "bench.test.ts": "its yardstick asks for MFD_EXEC",
};

/** Its control wants no filter outside. */
const CONTROLLED = "no_new_privs is set, a filter is on";

/** Mounts cannot go beneath others before Linux 6.5, so what a cover hides stays below it. */
const COVERED = /^\S+ \/\S+ r[ow],\S+ - /;

/** In a plain run the other modes take these alone. */
const REPRESENTATIVE: readonly string[] = ["run", "mounts at missing places"];

for (const mode of MODES) {
  const names = KIND_NAMES.filter(
    (each) =>
      takes(each, mode) &&
      (SOAK || mode === "rootless" || REPRESENTATIVE.includes(each)),
  );
  for (const name of names)
    rule(
      `${mode}: ${name}: the same instance with the calls of Linux 5.12`,
      ["root"],
      async () => {
        const kind = await makeKind(name);
        const login = newLogin(mode);
        const command = [
          programOf(mode),
          ...kind.args,
          ...reporting(kind.room),
        ];
        const run = async (before: readonly string[]): Promise<Result> => {
          const { cwd, open } = kind;
          const options = { ...login, cwd, open, before };
          const result = await runOutside(command, options);
          expect(withoutAsides(result.stderr)).toBe("");
          expect(result.status).toBe(0);
          expect(takeMark(kind.room)).toBe(true);
          return result;
        };
        const host = kind.host(login);
        const now = await run(host);
        const older = await run([...host, faultProgram("older")]);
        // There is one more around it.
        const filter = /^.*:Seccomp_filters:.*$/gm;
        const lines = ({ stdout }: Result) =>
          stdout.replaceAll(filter, "").split("\n");
        expect(
          lines(older).filter(
            (line) => !lines(now).includes(line) && !COVERED.test(line),
          ),
        ).toEqual([]);
        expect(
          lines(now).filter((line) => !lines(older).includes(line)),
        ).toEqual([]);
      },
    );
}

rule(
  "a relative root is found from the caller's directory, read or not",
  ["root"],
  async () => {
    const root = await busyboxRoot();
    chmodSync(root, 0o111);
    const words = ["-r", basename(root), "run", "sh", "-c", "echo $$"];
    for (const mode of ["rootless", "setuid"] as const) {
      const options = {
        cwd: dirname(root),
        before: [faultProgram("older")],
      };
      const result = await runOutside([programOf(mode), ...words], options);
      expect(result).toMatchObject({ status: 0, stdout: "1\n", stderr: "" });
    }
  },
);

rule("what cannot be done without newer calls says why", ["root"], async () => {
  const file = join(makeRoom(), "file");
  const words = ["bake", "-o", file, "run", "true"];
  const result = await runOutside([programOf("rootless"), ...words], {
    before: [faultProgram("older")],
  });
  expect(result).toMatchObject({ status: 124, stdout: "" });
  expect(result.stderr).toContain(
    "does not list here what is mounted (statmount",
  );
  expect(existsSync(file)).toBe(false);
});

rule("the filter hides what it should", ["root"], async () => {
  const script = `
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
def name(*call):
    return errno.errorcode[ctypes.get_errno()] if libc.syscall(*call) < 0 else "done"
print(name(457, 0, 0, 0, 0), name(458, 0, 0, 0, 0), name(443, 0, 0, 0, 0))
print(name(442, -1, b"", 0, 0, 0), name(319, b"x", 16), name(319, b"x", 1))`;
  const words = ["/usr/bin/python3", "-c", script];
  const before = [faultProgram("older")];
  expect((await runOutside(words, { before })).stdout).toBe(
    "ENOSYS ENOSYS ENOSYS\nEINVAL EINVAL done\n",
  );
});

if (SOAK)
  for (const ring of ["instance", "security"])
    rule(
      `the ${ring} ring passes with the calls of Linux 5.12`,
      ["root"],
      async () => {
        const root = resolve(import.meta.dir, "../..");
        const files = readdirSync(join(root, "test", ring)).filter(
          (name) => name.endsWith(".test.ts") && !(name in EXCEPTED),
        );
        const paths = files.map((name) => `./test/${ring}/${name}`);
        const { SELFDOCK_SOAK: _, ...env } = process.env;
        const child = Bun.spawn(
          [
            faultProgram("older"),
            process.execPath,
            "test",
            "--timeout=60000",
            ...paths,
          ],
          {
            cwd: root,
            env,
            stdin: "ignore",
            stdout: "ignore",
            stderr: "pipe",
          },
        );
        const said = await new Response(child.stderr).text();
        const { passed, failed } = parseSummary(said, await child.exited);
        console.log(
          `${ring} ring as on Linux 5.12: ${passed} passed, ${failed} failed`,
        );
        const broken = said.match(/^\(fail\).*$/gm) ?? [];
        expect(broken.filter((line) => !line.includes(CONTROLLED))).toEqual([]);
        expect(failed).toBe(broken.length);
        expect(passed).toBeGreaterThan(100);
      },
    );
