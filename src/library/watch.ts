/**
 * Learns what spawners say, on Bun's event loop: nobody polls, and no thread
 * sleeps for it. Each spawner's socket is Bun's under a number of its own, so
 * that nobody closes what the other still uses.
 */

import type { Socket } from "bun";
import { duplicate } from "../launch/make-pipe.ts";
import type { Watch } from "../launch/many/spawner-pool.ts";

/** What a spawner can say of its instance. */
export interface Listener {
  began(): void;
  /** Or the spawner itself has, with its instance. */
  ended(fine: boolean): void;
}

const BEGAN = "+".charCodeAt(0);

/** One spawner. */
interface Watched {
  socket: Socket | null;
  /** Whether this program goes on for its instance's sake. */
  referred: boolean;
  listener: Listener | null;
}

/** The spawners of one launcher. */
export class Watcher implements Watch {
  readonly #watched = new Map<number, Watched>();

  begin(descriptor: number): void {
    const watched: Watched = { socket: null, referred: false, listener: null };
    this.#watched.set(descriptor, watched);
    const tell = (fine: boolean): void => {
      const { listener } = watched;
      watched.listener = null;
      listener?.ended(fine);
    };
    void Bun.connect({
      // The types know of sockets by name only.
      ...({ fd: duplicate(descriptor) } as unknown as { unix: string }),
      socket: {
        open(socket) {
          watched.socket = socket;
          refer(watched);
        },
        data(_socket, words) {
          for (const word of words) {
            if (word === BEGAN) watched.listener?.began();
            else tell(true);
          }
        },
        close: () => tell(false),
        error: () => tell(false),
      },
    });
  }

  end(descriptor: number): void {
    this.#watched.get(descriptor)?.socket?.terminate();
    this.#watched.delete(descriptor);
  }

  /** Who is to be told about the next instance of this spawner. */
  listen(descriptor: number, listener: Listener): void {
    const watched = this.#watched.get(descriptor)!;
    watched.listener = listener;
    this.refer(descriptor, true);
  }

  /** Whether this program goes on for it. */
  refer(descriptor: number, referred: boolean): void {
    const watched = this.#watched.get(descriptor);
    if (watched === undefined || watched.referred === referred) return;
    watched.referred = referred;
    refer(watched);
  }
}

function refer({ socket, referred }: Watched): void {
  if (referred) socket?.ref();
  else socket?.unref();
}
