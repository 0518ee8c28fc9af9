/** The spawners of one launch: those that have an instance, some that are kept for the next, and those that end. */

import {
  dismissSpawner,
  isThere,
  killSpawner,
  startSpawner,
} from "./spawner.ts";
import type { Spawner, SpawnerNeeds } from "./spawner.ts";

/** Who is told which descriptors there are to watch, if not only while an instance runs. */
export interface Watch {
  begin(descriptor: number): void;
  /** It is about to be closed. */
  end(descriptor: number): void;
}

/** So many are kept for what comes next. */
const MOST_IDLE = 64;
/** How long one that was dismissed may take to end, in milliseconds, before it is killed. */
const PATIENCE = 2000;
/** How often somebody looks whether it has, if nothing else happens: milliseconds. */
const LOOK = 20;

export class SpawnerPool {
  readonly #needs: SpawnerNeeds;
  readonly #watch: Watch;
  readonly #idle: Spawner[] = [];
  readonly #busy = new Set<Spawner>();
  readonly #killed = new WeakSet<Spawner>();
  /** Those that were dismissed, and until when they may take; the first of them first. */
  readonly #ending = new Map<Spawner, number>();
  /** Whether a timer runs that will look at them. */
  #timed = false;

  constructor(needs: SpawnerNeeds, watch: Watch) {
    this.#needs = needs;
    this.#watch = watch;
  }

  /** Whether `take` gives one that has had an instance. */
  get hasIdle(): boolean {
    return this.#idle.length > 0;
  }

  /** One for the next instance. Throws a SelfdockError if there can be none. */
  take(): Spawner {
    const spawner = this.#idle.pop() ?? this.#open();
    this.#busy.add(spawner);
    return spawner;
  }

  /** Whether it has an instance. */
  has(spawner: Spawner): boolean {
    return this.#busy.has(spawner);
  }

  /** Ends it, and its instance with it, whatever that does. */
  kill(spawner: Spawner): void {
    if (!this.#busy.has(spawner)) return;
    this.#killed.add(spawner);
    killSpawner(spawner);
  }

  /** It has none any more; `fine`: and can have another one. Does not wait for its end. */
  release(spawner: Spawner, fine: boolean): void {
    if (!this.#busy.delete(spawner)) return;
    // It may have said that all is well just before it was killed.
    const use = fine && !this.#killed.has(spawner);
    if (use && this.#idle.length < MOST_IDLE) this.#idle.push(spawner);
    else this.#dismiss(spawner);
    this.#reapFirst();
  }

  /** Ends all of them, with their instances, and waits until they have. */
  clear(): void {
    for (const each of [...this.#idle, ...this.#busy]) this.#dismiss(each);
    this.#idle.length = 0;
    this.#busy.clear();
    for (;;) {
      this.#reapAll();
      if (this.#ending.size === 0) return;
      Bun.sleepSync(1);
    }
  }

  #open(): Spawner {
    const spawner = startSpawner(this.#needs);
    this.#watch.begin(spawner.socket);
    return spawner;
  }

  #dismiss(spawner: Spawner): void {
    this.#watch.end(spawner.socket);
    dismissSpawner(spawner);
    this.#ending.set(spawner, performance.now() + PATIENCE);
    this.#lookLater();
  }

  /** Those that have ended in the order in which they were to: what takes long is left to `#reapAll`. */
  #reapFirst(): void {
    for (const spawner of this.#ending.keys()) {
      if (isThere(spawner)) return;
      this.#ending.delete(spawner);
    }
  }

  #reapAll(): void {
    const now = performance.now();
    for (const [spawner, until] of this.#ending) {
      if (!isThere(spawner)) this.#ending.delete(spawner);
      else if (now > until) killSpawner(spawner);
    }
  }

  /** That none stays a zombie, whatever happens next; no program goes on for that. */
  #lookLater(): void {
    if (this.#timed) return;
    this.#timed = true;
    const look = (): void => {
      this.#timed = false;
      this.#reapAll();
      if (this.#ending.size > 0) this.#lookLater();
    };
    setTimeout(look, LOOK).unref();
  }
}
