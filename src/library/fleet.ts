/** The instances of one plan: how they are started, and what becomes of them. */

import { closeSync } from "node:fs";
import { readImageConfig } from "../launch/image/read-config.ts";
import { openDirectory } from "../launch/make-pipe.ts";
import { probeKeptState } from "../launch/many/kept-state.ts";
import { makeLauncher } from "../launch/many/make-launcher.ts";
import type { Launcher } from "../launch/many/make-launcher.ts";
import type { Ending } from "../launch/many/read-ending.ts";
import { probeDirectory } from "../launch/many/probe-directory.ts";
import { probeOwnFacts } from "../launch/many/probe-own-facts.ts";
import { probeUmask } from "../launch/probe-umask.ts";
import type { Bytes } from "../plan/bytes.ts";
import { SelfdockError } from "../plan/error.ts";
import type { Facts } from "../plan/facts.ts";
import { missingDescriptor } from "../plan/missing-descriptor.ts";
import { applyImageConfig } from "../plan/image/image-config.ts";
import type { ImageConfig } from "../plan/image/image-config.ts";
import type { Request } from "../plan/request.ts";
import type { Command } from "../selfdock.d.ts";
import { commandEnvironment } from "./environment.ts";
import { requireOpen } from "./require-open.ts";
import { resolveCommand } from "./resolve-request.ts";
import type { Wanted } from "./resolve-request.ts";
import { SIGKILL } from "./result.ts";
import { Watcher } from "./watch.ts";

/** How long an instance may take to die, in milliseconds: its launch may hang in the kernel. */
const PATIENCE = 2000;

/** What an instance gets of this process, as it is at the call. */
export interface Look {
  readonly environment: readonly Bytes[];
  readonly umask: number;
}

/** One launch: its command, and its standard input, output and error. */
export interface Order extends Look {
  readonly argv: readonly Bytes[];
  readonly stdio: readonly [number, number, number];
  /** What stands for the request's descriptors to keep, in their order. */
  readonly keepDescriptors: readonly number[];
  /** Whether `begun` is wanted, which costs a message. */
  readonly tellBeginning: boolean;
}

/** What has been started. */
export interface Started {
  /** The id of its first process; null if it ended before anybody was told. */
  readonly begun: Promise<number | null>;
  readonly ended: Promise<Ending>;
  /** Sends a signal to its first process; nothing if there is none. */
  signal(number: number): void;
  /** Kills it: if that does not help in time, its spawner with it. */
  kill(): void;
  /** Whether this program goes on for it; so it does at first. */
  refer(referred: boolean): void;
}

export class Fleet {
  readonly request: Request;
  readonly facts: Facts;
  /** What the config of an imported root says of its command, if that was asked for. */
  readonly #image: ImageConfig | null;
  readonly #directoryDescriptor: number;
  readonly #launcher: Launcher;
  readonly #watcher = new Watcher();
  /** Instances, and users that will start more. */
  #running = 0;
  #retired = false;
  #freed = false;

  constructor({ request, name }: Wanted) {
    if (!Bun.isMainThread)
      throw new SelfdockError(
        "launch",
        "Cannot start instances in a Worker: they would end with its thread",
        "start them in the main thread",
      );
    this.#image = request.imageConfig
      ? readImageConfig(request.rootfs, probeDirectory())
      : null;
    this.request =
      this.#image === null ? request : applyImageConfig(request, this.#image);
    this.facts = probeOwnFacts(this.request);
    this.#directoryDescriptor = openDirectory();
    this.#launcher = makeLauncher(this.request, this.facts, probeKeptState(), {
      watch: this.#watcher,
      name,
    });
  }

  /** The words of a command. Called before anything is opened for it, which could take the place of what is to be kept. */
  resolve(command: Command): readonly Bytes[] {
    if (this.#retired)
      throw new SelfdockError(
        "usage",
        "Cannot start an instance: its plan was disposed",
      );
    checkOpen(this.request.keepDescriptors);
    return resolveCommand(command, this.#image);
  }

  /** What the next instance is to get of this process. */
  look(): Look {
    const environment = commandEnvironment(this.request.environment);
    return { environment, umask: probeUmask() };
  }

  start({ tellBeginning, ...order }: Order): Started {
    const began = Promise.withResolvers<number | null>();
    const ended = Promise.withResolvers<Ending>();
    const instance = this.#launcher.start({
      ...order,
      directory: this.facts.caller.directory,
      workingDirectory: null,
      directoryDescriptor: this.#directoryDescriptor,
      sayBegun: tellBeginning,
    });
    const { descriptor } = instance;
    this.#running += 1;
    this.#watcher.listen(descriptor, {
      began: () => began.resolve(instance.begun()),
      ended: (fine) => {
        this.#watcher.refer(descriptor, false);
        this.#running -= 1;
        began.resolve(null);
        try {
          ended.resolve(instance.end(fine));
        } catch (error) {
          ended.reject(error);
        }
        if (this.#retired) this.retire();
      },
    });
    let patience: ReturnType<typeof setTimeout> | null = null;
    const over = (): void => {
      if (patience !== null) clearTimeout(patience);
    };
    ended.promise.then(over, over);
    return {
      begun: began.promise,
      ended: ended.promise,
      signal: instance.signal,
      kill: () => {
        instance.signal(SIGKILL);
        patience ??= setTimeout(instance.abandon, PATIENCE);
      },
      refer: (referred) => this.#watcher.refer(descriptor, referred),
    };
  }

  /** Whether something runs, or whoever called `use` has not done yet. */
  get inUse(): boolean {
    return this.#running > 0;
  }

  /** Somebody goes on starting instances, until the result is called. */
  use(): () => void {
    this.#running += 1;
    return () => {
      this.#running -= 1;
      if (this.#retired) this.retire();
    };
  }

  /** Starts nothing any more, and gives everything back once nothing runs. */
  retire(): void {
    this.#retired = true;
    if (this.#running > 0 || this.#freed) return;
    this.#freed = true;
    this.#launcher.free();
    closeSync(this.#directoryDescriptor);
  }
}

/** Those that a command is to keep. */
function checkOpen(descriptors: readonly number[]): void {
  for (const descriptor of descriptors)
    requireOpen(descriptor, missingDescriptor("keep", descriptor).message);
}
