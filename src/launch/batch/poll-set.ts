/** The descriptors that are waited for together: poll(2). */

import { POLL } from "../../../syscalls/constants/poll.table.ts";
import { POLLFD } from "../../../syscalls/structs.ts";
import { defineCall } from "../define-call.ts";

export class PollSet {
  readonly #poll: ReturnType<typeof defineCall>;
  readonly #view: DataView;
  #count = 0;

  /** For at most so many. */
  constructor(most: number) {
    this.#poll = defineCall("poll", [
      { buffer: POLLFD.size * most },
      "number",
      "number",
    ]);
    const [bytes] = this.#poll.buffers;
    this.#view = new DataView(bytes!.buffer, bytes!.byteOffset);
  }

  clear(): void {
    this.#count = 0;
  }

  /** One more; its place, to ask for it afterwards. */
  add(descriptor: number, what: "IN" | "OUT"): number {
    const at = POLLFD.size * this.#count;
    this.#view.setInt32(at + POLLFD.fields.fd.offset, descriptor, true);
    this.#view.setUint16(at + POLLFD.fields.events.offset, POLL[what], true);
    this.#view.setUint16(at + POLLFD.fields.revents.offset, 0, true);
    return this.#count++;
  }

  /** Waits, at most so many milliseconds; negative: for ever. */
  wait(milliseconds: number): void {
    this.#poll(this.#count, milliseconds);
  }

  /** Can it be read or written, or has something happened to it? */
  has(place: number): boolean {
    const at = POLLFD.size * place + POLLFD.fields.revents.offset;
    return this.#view.getUint16(at, true) !== 0;
  }
}
