/** How many instances of a batch there may be at once: as many as were asked for, and fewer where the host has too little of something. */

import type { Concurrency } from "./concurrency.ts";

/** A launch takes a millisecond or two: beside longer commands than this, that does not count. */
const BRIEF_MS = 50;
/** After so many that ended well one more is tried. */
const SOUND = 20;

export class Room {
  readonly #most: number;
  readonly #ahead: number;
  /** The last command took so little that it is worth it to have the next ones waiting. */
  #brief = false;
  #limit: number;
  #sound = 0;

  constructor({ most, ahead }: Concurrency) {
    this.#most = most;
    this.#ahead = ahead;
    this.#limit = most + ahead;
  }

  /** Is there room for one more beside so many? */
  has(beside: number): boolean {
    const wanted = this.#most + (this.#brief ? this.#ahead : 0);
    return beside < Math.min(wanted, this.#limit);
  }

  /** A command has ended that took so many milliseconds. */
  ended(time: number): void {
    this.#brief = time < BRIEF_MS;
    this.#sound += 1;
    if (this.#sound < SOUND) return;
    this.#sound = 0;
    if (this.#limit < this.#most + this.#ahead) this.#limit += 1;
  }

  /** There was too little for one more beside so many: for now there are no more. */
  short(beside: number): void {
    this.#limit = Math.max(1, beside);
    this.#sound = 0;
  }
}
