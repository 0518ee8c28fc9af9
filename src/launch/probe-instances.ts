/**
 * What instances run, from /proc alone.
 *
 * Security model: an instance is a process whose executable carries stage 0,
 * with a child that is pid 1 of a pid namespace directly below this one. What a
 * process calls itself counts for nothing; an executable that imitates stage 0
 * only makes its user's own process look like an instance, and nothing that
 * runs inside an instance, or in a namespace that another program has made,
 * looks like one: their pids are deeper, or their parent is not selfdock.
 * What is found may have ended since: who acts on it holds it by descriptor
 * first, and looks again.
 */

import {
  closeSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  type Stats,
} from "node:fs";
import { bytesFrom } from "../plan/bytes.ts";
import type { Bytes } from "../plan/bytes.ts";
import { STAGE0_ADDRESS } from "../stage0/handover.ts";

/** One that runs, as the kernel knows it. */
export interface FoundInstance {
  /** selfdock, which minds it, and its beginning in ticks since the boot. */
  readonly pid: number;
  readonly begin: number;
  /** Its pid 1, as it is numbered here, and its beginning. */
  readonly first: number;
  readonly firstBegin: number;
  readonly uid: number;
  /** selfdock's own, the name of the program first. */
  readonly argv: readonly Bytes[];
  readonly mode: "rootless" | "privileged";
  /** A process that is stopped acts on no signal but SIGCONT and SIGKILL. */
  readonly stopped: boolean;
  /** In seconds. */
  readonly age: number;
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
const ELF = { entry: 24, headers: 32, count: 56, size: 64 };
const HEADER = { size: 56, address: 16, load: 1 };
/** The whole of what there is of ids: the initial user namespace. */
const EVERY_ID = /^\s*0\s+0\s+4294967295\s*$/;

/** The instances of a user, or of all; the oldest first. */
export function probeInstances(
  users: { readonly uid: number } | "all",
): readonly FoundInstance[] {
  const processes = readProcesses();
  const children = Map.groupBy(processes.values(), ({ parent }) => parent);
  const isSelfdock = makeRecognizer();
  const now = Number(readText("/proc/uptime")?.split(" ")[0]);
  const found: FoundInstance[] = [];
  for (const [pid, candidates] of children) {
    const supervisor = processes.get(pid);
    const uid = supervisor === undefined ? undefined : ownerOf(pid);
    if (supervisor === undefined || uid === undefined) continue;
    if (users !== "all" && uid !== users.uid) continue;
    if (!isSelfdock(pid)) continue;
    for (const first of candidates) {
      if (first.state === "Z" || !isFirst(first.pid)) continue;
      const described = describe({ supervisor, first, uid }, children);
      if (described !== null)
        found.push({ ...described, age: now - first.begin / TICKS });
    }
  }
  return found.toSorted((a, b) => a.firstBegin - b.firstBegin);
}

/** The same instance, if it still runs. */
export function isSameInstance({
  pid,
  begin,
  first,
  firstBegin,
  uid,
}: FoundInstance): boolean {
  return (
    readProcess(pid)?.begin === begin &&
    ownerOf(pid) === uid &&
    makeRecognizer()(pid) &&
    readProcess(first)?.begin === firstBegin &&
    readProcess(first)?.parent === pid &&
    isFirst(first)
  );
}

function describe(
  {
    supervisor,
    first,
    uid,
  }: { supervisor: Process; first: Process; uid: number },
  children: ReadonlyMap<number, readonly Process[]>,
): Omit<FoundInstance, "age"> | null {
  const line = readText(`/proc/${supervisor.pid}/cmdline`);
  if (line === null || line === "") return null;
  const members = [first];
  for (const { pid } of members) members.push(...(children.get(pid) ?? []));
  const sum = (of: (process: Process) => number) =>
    members.reduce((total, process) => total + of(process), 0);
  return {
    pid: supervisor.pid,
    begin: supervisor.begin,
    first: first.pid,
    firstBegin: first.begin,
    uid,
    argv: line.replace(/\0$/, "").split("\0") as Bytes[],
    mode: EVERY_ID.test(readText(`/proc/${first.pid}/uid_map`) ?? "")
      ? "privileged"
      : "rootless",
    stopped: supervisor.state === "T",
    members: members.map(({ pid }) => pid),
    memory: sum(({ pages }) => pages) * PAGE,
    cpu: sum(({ ticks }) => ticks) / TICKS,
  };
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

/** Whose a process is; root's if it is nobody's to look into. */
function ownerOf(pid: number): number | undefined {
  return statusOf(`/proc/${pid}`)?.uid;
}

/**
 * Tells selfdocks by their executables: this one's file, or any that begins
 * with stage 0, such as one that an upgrade has replaced. Each file is read once.
 */
function makeRecognizer(): (pid: number) => boolean {
  const known = new Map<string, boolean>();
  const own = identify("/proc/self/exe");
  if (own !== null) known.set(own, true);
  return (pid) => {
    const path = `/proc/${pid}/exe`;
    const file = identify(path);
    if (file === null) return false;
    const answer = known.get(file) ?? beginsWithStage0(path);
    known.set(file, answer);
    return answer;
  };
}

function identify(path: string): string | null {
  const status = statusOf(path);
  return status === undefined ? null : `${status.dev}:${status.ino}`;
}

/** Does the executable enter at the place of stage 0, in a segment of its own? */
function beginsWithStage0(path: string): boolean {
  const bytes = readBytes(path, PAGE);
  if (bytes === null || bytes.length < PAGE) return false;
  if (bytesFrom(bytes.subarray(0, 5)) !== "\x7fELF\x02") return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getBigUint64(ELF.entry, true) !== BigInt(STAGE0_ADDRESS))
    return false;
  if (view.getBigUint64(ELF.headers, true) !== BigInt(ELF.size)) return false;
  for (let at = 0; at < view.getUint16(ELF.count, true); at++) {
    const header = ELF.size + at * HEADER.size;
    if (header + HEADER.size > bytes.length) return false;
    const address = view.getBigUint64(header + HEADER.address, true);
    if (
      view.getUint32(header, true) === HEADER.load &&
      address === BigInt(STAGE0_ADDRESS)
    )
      return true;
  }
  return false;
}

function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function readText(path: string): Bytes | null {
  const bytes = readBytes(path);
  return bytes === null ? null : bytesFrom(bytes);
}

const room = new Uint8Array(2 ** 21 + PAGE);

/** What one reading gives of a file, by default more than any argument list has; valid until the next call. */
function readBytes(path: string, size = room.length): Uint8Array | null {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return null;
  }
  try {
    return room.subarray(0, readSync(file, room, 0, size, null));
  } catch {
    return null; // ESRCH: it has ended
  } finally {
    closeSync(file);
  }
}
