/** The spawners of one launch: those that have an instance, and some that are kept for the next. */

import { endSpawners, startSpawner } from "./spawner.ts";
import type { Spawner, SpawnerNeeds } from "./spawner.ts";

/** Who is told which descriptors there are to watch, if not only while an instance runs. */
export interface Watch {
  begin(descriptor: number): void;
  /** It is about to be closed. */
  end(descriptor: number): void;
}

/** So many are kept for what comes next. */
const MOST_IDLE = 64;

export class SpawnerPool {
  readonly #needs: SpawnerNeeds;
  readonly #watch: Watch;
  readonly #idle: Spawner[] = [];
  readonly #busy = new Set<Spawner>();

  constructor(needs: SpawnerNeeds, watch: Watch) {
    this.#needs = needs;
    this.#watch = watch;
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

  /** It has none any more; `fine`: and can have another one. */
  release(spawner: Spawner, fine: boolean): void {
    if (!this.#busy.delete(spawner)) return;
    if (fine && this.#idle.length < MOST_IDLE) this.#idle.push(spawner);
    else this.#close([spawner]);
  }

  /** Ends all of them, with their instances. */
  clear(): void {
    this.#close([...this.#idle, ...this.#busy]);
    this.#idle.length = 0;
    this.#busy.clear();
  }

  #open(): Spawner {
    const spawner = startSpawner(this.#needs);
    this.#watch.begin(spawner.socket);
    return spawner;
  }

  #close(spawners: readonly Spawner[]): void {
    for (const { socket } of spawners) this.#watch.end(socket);
    endSpawners(spawners);
  }
}
