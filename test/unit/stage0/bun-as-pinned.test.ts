/**
 * Bun as it is pinned. Stage 0 rests on how Bun's executable is made, and on
 * what Bun reads and changes before any JavaScript of ours runs. Where one of
 * these fails after an update of Bun, look what it means for src/stage0 (what
 * is kept, what is hidden) and src/plan/plan-confinement.ts (what is restored)
 * before the expectation is changed.
 */

import { describe, expect, test } from "bun:test";
import { readFileSync, realpathSync } from "node:fs";
import { join } from "pathe";
import { MEMORY_ADDRESS } from "../../../src/stage0/handover.ts";
import { PF, PT } from "../../../syscalls/constants/elf.table.ts";
import { onlyHeader, parseExecutable } from "../../../syscalls/elf.ts";
import { rule } from "../../harness/needs.ts";
import { INTERPRETER } from "../syscalls/small-executable.ts";
import { SYSTEM_CALLS } from "./system-calls.table.ts";
import { pathOf, trace } from "./trace.ts";
import type { Call, Trace } from "./trace.ts";

const EXECUTABLE = realpathSync(
  join(import.meta.dir, "../../../node_modules/bun/bin/bun.exe"),
);

describe("Bun's executable", () => {
  const bun = parseExecutable(readFileSync(EXECUTABLE));

  test("has a fixed address and one each of the headers that stage 0 uses", () => {
    for (const type of ["PHDR", "INTERP", "NOTE", "TLS", "GNU_STACK"] as const)
      expect(onlyHeader(bun, type).type).toBe(PT[type]);
  });

  test("names the dynamic linker that stage 0 maps", () => {
    const { offset, fileSize } = onlyHeader(bun, "INTERP");
    const text = Buffer.from(
      bun.bytes.subarray(offset, offset + fileSize),
    ).toString();
    expect(text).toBe(`${INTERPRETER}\0`);
  });

  test("ends below stage 0's memory, with room to grow, and has its headers in a mapped page", () => {
    const end = Math.max(
      ...bun.headers.map(({ address, memorySize }) => address + memorySize),
    );
    expect(end).toBeLessThan(MEMORY_ADDRESS - 2 ** 24);
    const phdr = onlyHeader(bun, "PHDR");
    const first = bun.headers.find(({ type }) => type === PT.LOAD)!;
    expect(first.offset).toBe(0);
    expect(phdr.address).toBe(first.address + phdr.offset);
    // What stage 0 makes writable for a moment holds headers and no data that are written.
    expect(first.flags).toBe(PF.R);
  });

  test("has a stack that is not executable, and no segment that is writable and executable", () => {
    const both = PF.W | PF.X;
    expect(onlyHeader(bun, "GNU_STACK").flags & PF.X).toBe(0);
    expect(bun.headers.filter(({ flags }) => (flags & both) === both)).toEqual(
      [],
    );
  });
});

/** What ld.so and Bun may look at before and besides our JavaScript: nothing that the caller chooses. */
const READ = [
  /^\/lib64\/ld-linux-x86-64\.so\.2$/,
  /^\/etc\/ld\.so\.(preload|cache)$/,
  /^(\/usr)?\/lib(64|\/x86_64-linux-gnu)?\/(glibc-hwcaps\/.*\/)?lib(c|pthread|dl|m)\.so\.[0-9]$/,
  /^\/etc\/localtime$/,
  /^\/proc\/(self|\d+)\/(maps|statm|cgroup|exe|auxv|status|mountinfo|ns\/user|fd\/[012])$/,
  /^\/proc\/(sys\/vm\/(overcommit_memory|mmap_min_addr)|meminfo|stat|cpuinfo)$/,
  /^\/sys\/(kernel\/mm|devices\/system|fs\/cgroup)\//,
  /^\/dev\/null$/,
  /^\/$/,
];

/** `SIGPIPE` of `rt_sigaction(SIGPIPE, {sa_handler=SIG_IGN…`. */
function signalsSet(calls: readonly Call[], handler: RegExp): string[] {
  const set = calls.filter(
    ({ name, rest }) => name === "rt_sigaction" && handler.test(rest),
  );
  return [...new Set(set.map(({ rest }) => rest.split(",")[0]!))].toSorted();
}

/** From the first call of ld.so on: stage 0 makes none of this name. */
function behindStage0({ calls }: Trace): readonly Call[] {
  return calls.slice(calls.findIndex(({ name }) => name === "brk"));
}

const traces = new Map<string, Trace>();

function traceOf(line: string): Trace {
  const known = traces.get(line) ?? trace(line.split(" "));
  traces.set(line, known);
  return known;
}

describe.each(["--version", "--dry-run run true"])(
  "selfdock %s under strace",
  (line) => {
    const traced = (name: string, body: (traced: Trace) => void) =>
      rule(name, ["root", "program:strace"], () =>
        Promise.resolve(body(traceOf(line))),
      );

    traced("begins with stage 0's calls and no others", ({ calls }) => {
      const documented = SYSTEM_CALLS.flatMap(([, rows]) =>
        rows.map(([call]) => call.split(" ")[0]!),
      );
      const names = calls
        .slice(
          0,
          calls.findIndex(({ name }) => name === "brk"),
        )
        .map(({ name }) => name);
      expect(names.slice(0, 4)).toEqual([
        "execve",
        "mmap",
        "getresuid",
        "getresgid",
      ]);
      for (const name of names.slice(4)) expect(documented).toContain(name);
      expect(names.slice(-2)).toEqual(["mprotect", "mprotect"]);
    });

    traced(
      "opens nothing by a relative path or below the caller's directory",
      (it) => {
        const paths = behindStage0(it).flatMap((call) => pathOf(call) ?? []);
        expect(paths.length).toBeGreaterThan(10);
        expect(
          paths.filter(
            (path) => !path.startsWith("/") || path.startsWith(it.directory),
          ),
        ).toEqual([]);
        expect(it.calls.filter((call) => pathOf(call) === ".")).toHaveLength(1);
      },
    );

    traced("reads only what is known", (it) => {
      const paths = behindStage0(it).flatMap((call) => pathOf(call) ?? []);
      expect(
        paths.filter((path) => !READ.some((known) => known.test(path))),
      ).toEqual([]);
    });

    traced("finds itself in /", (it) => {
      const asked = behindStage0(it).filter(({ name }) => name === "getcwd");
      for (const { rest } of asked) expect(rest).toMatch(/^"\/", /);
      expect(
        behindStage0(it).filter(({ name }) => /^f?chdir$/.test(name)),
      ).toEqual([]);
    });

    traced(
      "ignores SIGPIPE and SIGXFSZ, which the Program restores, and no other signal",
      ({ calls }) => {
        expect(signalsSet(calls, /sa_handler=SIG_IGN/)).toEqual(
          ["SIGPIPE", "SIGXFSZ"].toSorted(),
        );
      },
    );

    traced(
      "handles signals that an exec sets back, and no more of them",
      ({ calls }) => {
        const handled = signalsSet(calls, /sa_(handler|sigaction)=0x/);
        const known =
          "SIGABRT SIGBUS SIGFPE SIGILL SIGPWR SIGRT_1 SIGSEGV SIGSYS SIGTRAP".split(
            " ",
          );
        expect(handled.filter((signal) => !known.includes(signal))).toEqual([]);
      },
    );

    traced(
      "unblocks SIGPWR, 32 and 33, which the Program's mask restores",
      ({ calls }) => {
        const sets = calls.flatMap(({ name, rest }) =>
          name === "rt_sigprocmask"
            ? (/^SIG_UNBLOCK, \[([^\]]*)\]/.exec(rest)?.[1]!.split(" ") ?? [])
            : [],
        );
        expect([...new Set(sets)].toSorted()).toEqual(["PWR", "RTMIN", "RT_1"]);
      },
    );

    traced(
      "raises the soft limit of descriptors, which the Program restores, and no other limit",
      ({ calls }) => {
        const raised = calls.filter(
          ({ name, rest }) =>
            name === "prlimit64" && !/^0, RLIMIT_[A-Z]+, NULL/.test(rest),
        );
        expect(raised.map(({ rest }) => rest.replace(/, NULL.*/, ""))).toEqual([
          "0, RLIMIT_NOFILE, {rlim_cur=512, rlim_max=512}",
        ]);
      },
    );

    traced("executes nothing and makes threads only", ({ calls }) => {
      const made = calls.filter(({ name }) =>
        /^(v?fork|clone3?|exec.*)$/.test(name),
      );
      expect(made[0]!.name).toBe("execve");
      for (const { name, rest } of made.slice(1))
        expect(`${name} ${rest}`).toMatch(/^clone3? .*CLONE_THREAD/);
    });

    traced("changes no id and talks to nobody", ({ calls }) => {
      const wrong = calls.filter(({ name }) =>
        /^(setres|setre|set[ug]id|setgroups|capset|socket|connect|ptrace|kill|tkill)/.test(
          name,
        ),
      );
      expect(wrong).toEqual([]);
    });
  },
);
