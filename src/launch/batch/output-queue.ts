/**
 * What is to be written to standard output and standard error, in its order and
 * without waiting: a reader who takes nothing must not keep a batch from ending.
 */

import { fstatSync } from "node:fs";
import { ERRNO } from "../../../syscalls/errno.table.ts";
import {
  NO_PROGRESS_LINE,
  renderProgressLine,
} from "../../plan/progress-line.ts";
import type { Captured } from "./captured-stream.ts";
import {
  closeDescriptor,
  CHUNK,
  readChunkAt,
  writeChunk,
} from "./descriptor-calls.ts";

export type Stream = 1 | 2;

interface Item {
  readonly to: Stream;
  readonly bytes: Uint8Array | null;
  /** Negative: there is none. */
  readonly file: number;
  readonly size: number;
  at: number;
}

/** Pipes, terminals and sockets that can be written to take so much at once: PIPE_BUF. */
const AT_ONCE = 4096;
/** With so much waiting nothing more is started. */
const MUCH = { items: 256, bytes: 2 ** 20 };

export class OutputQueue {
  #items: Item[] = [];
  #next = 0;
  #size = 0;
  #progress = false;
  readonly #most: Readonly<Record<Stream, number>>;
  /** Streams that cannot be written to any more: why, as a negated errno. */
  readonly failed = new Map<Stream, number>();

  constructor() {
    this.#most = { 1: mostAtOnce(1), 2: mostAtOnce(2) };
  }

  /** Where the next bytes go, or null if there are none. */
  get waiting(): Stream | null {
    return this.#items[this.#next]?.to ?? null;
  }

  /** Is there so much that nothing more should come? */
  get full(): boolean {
    const count = this.#items.length - this.#next;
    return count > MUCH.items || this.#size > MUCH.bytes;
  }

  /** A line on a terminal that is gone before anything else is written; left out while something waits. */
  progress(text: string): void {
    if (this.waiting !== null) return;
    this.#progress = false; // it is written over
    this.#add(2, Buffer.from(renderProgressLine(text), "utf8"), -1);
    this.#progress = true;
  }

  text(to: Stream, text: string): void {
    if (text !== "") this.#add(to, Buffer.from(text, "utf8"), -1);
  }

  /** All that a command has written to one of its streams. */
  captured(to: Stream, { small, file, size }: Captured): void {
    if (file >= 0) this.#add(to, null, file, size);
    else if (size > 0) this.#add(to, Buffer.concat(small), -1);
  }

  #add(to: Stream, bytes: Uint8Array | null, file: number, size = 0): void {
    if (this.failed.has(to)) return closeFile(file);
    if (this.#progress) {
      this.#progress = false;
      this.#add(2, Buffer.from(NO_PROGRESS_LINE, "latin1"), -1);
    }
    const item = { to, bytes, file, size: bytes?.length ?? size, at: 0 };
    this.#items.push(item);
    this.#size += item.size;
  }

  /** Writes once what comes next, which can be written without waiting. */
  write(): void {
    const item = this.#items[this.#next];
    if (item === undefined) return;
    const { to, bytes, file, size, at } = item;
    const most = Math.min(this.#most[to], size - at);
    const chunk = bytes?.subarray(at, at + most) ?? readChunkAt(file, at, most);
    const written = typeof chunk === "number" ? chunk : writeChunk(to, chunk);
    if (written === -ERRNO.EAGAIN || written === -ERRNO.EINTR) return;
    if (written < 0) return this.#fail(to, written);
    item.at += written;
    this.#size -= written;
    if (written === 0 || item.at >= size) this.#drop(item);
  }

  /** Nothing of this stream can be written any more. */
  #fail(to: Stream, errno: number): void {
    this.failed.set(to, errno);
    const rest = this.#items.slice(this.#next);
    for (const item of rest.filter((each) => each.to === to))
      closeFile(item.file);
    this.#items = rest.filter((each) => each.to !== to);
    this.#next = 0;
    this.#size = this.#items.reduce((sum, { size, at }) => sum + size - at, 0);
  }

  #drop(item: Item): void {
    closeFile(item.file);
    this.#next += 1;
    // A queue that never runs empty must not keep what it has written.
    if (this.#next < this.#items.length && this.#next < MUCH.items) return;
    this.#items.splice(0, this.#next);
    this.#next = 0;
  }
}

function closeFile(file: number): void {
  if (file >= 0) closeDescriptor(file);
}

function mostAtOnce(to: Stream): number {
  try {
    return fstatSync(to).isFile() ? CHUNK : AT_ONCE;
  } catch {
    return AT_ONCE; // it is closed, and every write will say so
  }
}
