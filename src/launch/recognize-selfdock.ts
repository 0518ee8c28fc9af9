/**
 * Whether a process minds instances, by its executable. Security model: what a
 * process calls itself counts for nothing, and what its executable is for little:
 * anybody can imitate it, so the answer gives nobody any right.
 */

import { readlinkSync } from "node:fs";
import { bytesFrom } from "../plan/bytes.ts";
import { SPAWNER_NAME } from "../plan/spawner/spawner-memory.ts";
import { STAGE0_ADDRESS } from "../stage0/handover.ts";
import { readBytes, statusOf } from "./read-proc.ts";

const PAGE = 4096;
const ELF = { entry: 24, headers: 32, count: 56, size: 64 };
const HEADER = { size: 56, address: 16, load: 1 };

/** `spawner`: it makes instances for batch, or for a program that uses the library. */
export type Minder = "selfdock" | "spawner" | null;

/** What the kernel calls a file in memory. */
const SPAWNER_FILE = `/memfd:${SPAWNER_NAME} (deleted)`;

/**
 * Tells selfdocks by their executables: this one's file, or any that begins
 * with stage 0, such as one that an upgrade has replaced; and spawners by the
 * name of their file, which is in memory. Each file is looked at once.
 */
export function makeRecognizer(): (pid: number) => Minder {
  const known = new Map<string, Minder>();
  const own = identify("/proc/self/exe");
  if (own !== null) known.set(own, "selfdock");
  return (pid) => {
    const path = `/proc/${pid}/exe`;
    const file = identify(path);
    if (file === null) return null;
    const before = known.get(file);
    if (before !== undefined) return before;
    const answer = recognize(path);
    known.set(file, answer);
    return answer;
  };
}

function recognize(path: string): Minder {
  if (beginsWithStage0(path)) return "selfdock";
  try {
    return readlinkSync(path) === SPAWNER_FILE ? "spawner" : null;
  } catch {
    return null; // it has ended
  }
}

function identify(path: string): string | null {
  const status = statusOf(path);
  return status === undefined ? null : `${status.dev}:${status.ino}`;
}

/** Does the executable enter on the first page of stage 0's place, in a segment of its own? */
function beginsWithStage0(path: string): boolean {
  const bytes = readBytes(path, PAGE);
  if (bytes === null || bytes.length < PAGE) return false;
  if (bytesFrom(bytes.subarray(0, 5)) !== "\x7fELF\x02") return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entry = view.getBigUint64(ELF.entry, true) - BigInt(STAGE0_ADDRESS);
  if (entry < 0n || entry >= BigInt(PAGE)) return false;
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
