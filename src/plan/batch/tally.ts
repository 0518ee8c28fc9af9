/** What a batch comes to: counts, and the times in classes, so that an endless one needs no more memory. */

/** Milliseconds of the lowest class, and how much wider each next one is. */
const LOWEST = 0.01;
const STEP = 1.02;
const CLASSES = 1200;

export class Tally {
  readonly #classes = new Uint32Array(CLASSES);
  #timed = 0;
  #count = 0;
  #failures = 0;

  get count(): number {
    return this.#count;
  }

  get failures(): number {
    return this.#failures;
  }

  /** One that has ended; `time` in milliseconds, or null if nothing was started. */
  add(failed: boolean, time: number | null): void {
    this.#count += 1;
    if (failed) this.#failures += 1;
    if (time === null) return;
    const index = Math.floor(Math.log(time / LOWEST) / Math.log(STEP));
    this.#classes[Math.min(Math.max(index, 0), CLASSES - 1)]! += 1;
    this.#timed += 1;
  }

  /** The time in milliseconds that this share of them did not exceed, within 2 %; null if there is none. */
  quantile(share: number): number | null {
    if (this.#timed === 0) return null;
    let left = Math.ceil(share * this.#timed);
    const index = this.#classes.findIndex((count) => (left -= count) <= 0);
    return LOWEST * STEP ** (index + 1);
  }
}
