/**
 * What instances run, from /proc alone.
 *
 * Security model: an instance is a process whose executable carries stage 0, or
 * is a spawner's, with a child that is pid 1 of a pid namespace directly below
 * this one. What a process calls itself counts for nothing; an executable that
 * imitates either only makes its user's own process look like an instance, and
 * of a spawner no such child that has root's privilege counts. Nothing that
 * runs inside an instance, or in a namespace that another program has made,
 * looks like one: their pids are deeper, or their parent is neither.
 * What is found may have ended since: who acts on it holds it by descriptor
 * first, and looks again.
 */

import { readdirSync, readlinkSync } from "node:fs";
import type { Bytes } from "../plan/bytes.ts";
import { readBakedWords } from "./read-baked.ts";
import { readText, statusOf } from "./read-proc.ts";
import { makeRecognizer } from "./recognize-selfdock.ts";
import type { Minder } from "./recognize-selfdock.ts";

/** One that runs, as the kernel knows it. */
export interface FoundInstance {
  /** selfdock, or a spawner of its, which minds it, and its beginning in ticks since the boot. */
  readonly pid: number;
  readonly begin: number;
  /** Of a spawner: who has asked it, batch or a program that uses the library. */
  readonly asker: number | null;
  /** Of a spawner: what that calls it; else null, as the words of a line say it. */
  readonly called: Bytes | null;
  /** Its pid 1, as it is numbered here, and its beginning. */
  readonly first: number;
  readonly firstBegin: number;
  readonly uid: number;
  /**
   * selfdock's own, the name of the program first; of a baked file with the words
   * that were baked; after a spawner's name what its command says of itself.
   */
  readonly argv: readonly Bytes[];
  readonly mode: "rootless" | "privileged";
  /** A process that is stopped acts on no signal but SIGCONT and SIGKILL. */
  readonly stopped: boolean;
  /** In seconds. */
  readonly age: number;
  /** The selfdocks that mind what has entered it. */
  readonly entered: readonly number[];
  /** The processes inside. */
  readonly members: readonly number[];
  /** Bytes in memory, shared ones once for each process. */
  readonly memory: number;
  /** Seconds of processor time, of processes that were waited for too. */
  readonly cpu: number;
}

/** One line of /proc/PID/stat. */
interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly state: string;
  readonly ticks: number;
  readonly begin: number;
  readonly pages: number;
}

/** USER_HZ, which is part of the kernel's interface on every architecture that we know. */
const TICKS = 100;
const PAGE = 4096;
/** The whole of what there is of ids: the initial user namespace. */
const EVERY_ID = /^\s*0\s+0\s+4294967295\s*$/;

/** The instances of a user, or of all; the oldest first. */
export function probeInstances(
  users: { readonly uid: number } | "all",
): readonly FoundInstance[] {
  const processes = readProcesses();
  const children = Map.groupBy(processes.values(), ({ parent }) => parent);
  const recognize = makeRecognizer();
  const now = Number(readText("/proc/uptime")?.split(" ")[0]);
  const found: Omit<FoundInstance, keyof Members>[] = [];
  const entering: Process[] = [];
  for (const [pid, candidates] of children) {
    const supervisor = processes.get(pid);
    const uid = supervisor === undefined ? undefined : ownerOf(pid);
    if (supervisor === undefined || uid === undefined) continue;
    if (users !== "all" && uid !== users.uid) continue;
    const minder = recognize(pid);
    if (minder === null) continue;
    for (const first of candidates) {
      if (first.state === "Z") continue;
      if (!isFirst(first.pid)) {
        if (isFurther(first.pid)) entering.push(first);
        continue;
      }
      const described = describe({ supervisor, minder, first, uid });
      if (described !== null)
        found.push({ ...described, age: now - first.begin / TICKS });
    }
  }
  return found
    .toSorted((a, b) => a.firstBegin - b.firstBegin)
    .map((instance) => ({
      ...instance,
      ...gather(processes.get(instance.first)!, entering, children),
    }));
}

/** The same instance, if it still runs. */
export function isSameInstance({
  pid,
  begin,
  first,
  firstBegin,
  asker,
  uid,
}: FoundInstance): boolean {
  return (
    readProcess(pid)?.begin === begin &&
    isMinderOf(pid, uid, asker === null ? "selfdock" : "spawner") &&
    readProcess(first)?.begin === firstBegin &&
    readProcess(first)?.parent === pid &&
    isFirst(first)
  );
}

/** Is it a selfdock of that user's? */
export function isSelfdockOf(pid: number, uid: number): boolean {
  return isMinderOf(pid, uid, "selfdock");
}

function isMinderOf(pid: number, uid: number, minder: Minder): boolean {
  return ownerOf(pid) === uid && makeRecognizer()(pid) === minder;
}

function describe({
  supervisor,
  minder,
  first,
  uid,
}: {
  supervisor: Process;
  minder: Minder;
  first: Process;
  uid: number;
}): Omit<FoundInstance, "age" | keyof Members> | null {
  const [name, ...words] = readLine(supervisor.pid);
  if (name === undefined) return null;
  const mode = EVERY_ID.test(readText(`/proc/${first.pid}/uid_map`) ?? "")
    ? "privileged"
    : "rootless";
  const spawned = minder === "spawner";
  if (spawned && mode === "privileged") return null;
  const line = spawned
    ? readLine(first.pid)
    : [...(readBakedWords(supervisor.pid) ?? []), ...words];
  return {
    pid: supervisor.pid,
    begin: supervisor.begin,
    first: first.pid,
    firstBegin: first.begin,
    uid,
    asker: spawned ? supervisor.parent : null,
    called: spawned ? (words[0] ?? null) : null,
    argv: [name, ...line],
    mode,
    stopped: supervisor.state === "T",
  };
}

/** Nothing, if it has ended. */
function readLine(pid: number): readonly Bytes[] {
  const line = readText(`/proc/${pid}/cmdline`);
  if (line === null || line === "") return [];
  return line.replace(/\0$/, "").split("\0") as Bytes[];
}

/** What is inside. */
type Members = Pick<FoundInstance, "entered" | "members" | "memory" | "cpu">;

/** The descendants of pid 1, and what has entered its pid namespace, with its own. */
function gather(
  first: Process,
  entering: readonly Process[],
  children: ReadonlyMap<number, readonly Process[]>,
): Members {
  const own = descendants([first], children);
  const inside = entering.filter(({ pid }) => {
    const space = pidNamespaceOf(pid);
    return (
      space !== null &&
      own.some((member) => pidNamespaceOf(member.pid) === space)
    );
  });
  const members = [...own, ...descendants(inside, children)];
  const sum = (of: (process: Process) => number) =>
    members.reduce((total, process) => total + of(process), 0);
  return {
    entered: inside.map(({ parent }) => parent),
    members: members.map(({ pid }) => pid),
    memory: sum(({ pages }) => pages) * PAGE,
    cpu: sum(({ ticks }) => ticks) / TICKS,
  };
}

/** Those, and theirs. */
function descendants(
  processes: readonly Process[],
  children: ReadonlyMap<number, readonly Process[]>,
): readonly Process[] {
  const found = [...processes];
  for (const { pid } of found) found.push(...(children.get(pid) ?? []));
  return found;
}

/** Null where this user may not look. */
function pidNamespaceOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return null;
  }
}

function readProcesses(): ReadonlyMap<number, Process> {
  const processes = new Map<number, Process>();
  for (const name of readdirSync("/proc")) {
    if (!/^[1-9]/.test(name)) continue;
    const process = readProcess(Number(name));
    if (process !== null) processes.set(process.pid, process);
  }
  return processes;
}

/** proc_pid_stat(5); the name, which can hold anything, ends with the last parenthesis. */
function readProcess(pid: number): Process | null {
  const text = readText(`/proc/${pid}/stat`);
  if (text === null) return null;
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const field = (number: number) => Number(fields[number - 3]);
  return {
    pid,
    state: fields[0]!,
    parent: field(4),
    ticks: field(14) + field(15) + field(16) + field(17),
    begin: field(22),
    pages: field(24),
  };
}

/** Is it pid 1 of a namespace directly below that of this /proc? */
function isFirst(pid: number): boolean {
  const status = readText(`/proc/${pid}/status`);
  return status !== null && /^NSpid:\t\d+\t1$/m.test(status);
}

/** Is it another process of such a namespace? */
function isFurther(pid: number): boolean {
  const status = readText(`/proc/${pid}/status`);
  return status !== null && /^NSpid:\t\d+\t\d+$/m.test(status);
}

/** Whose a process is; root's if it is nobody's to look into. */
function ownerOf(pid: number): number | undefined {
  return statusOf(`/proc/${pid}`)?.uid;
}
