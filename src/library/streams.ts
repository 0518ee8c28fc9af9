/**
 * This process's ends of an instance's pipes, as web streams. Each stream owns
 * its descriptor. Nothing is read before somebody asks for it, so that a command
 * which writes faster than it is read waits; and no descriptor that others share
 * is made non-blocking. Security: once it is closed its number may be anybody's,
 * so nothing is read or written by it any more.
 */

import { closeSync } from "node:fs";
import { SelfdockError } from "../plan/error.ts";
import type { Text } from "../selfdock.d.ts";

type Sink = ReturnType<ReturnType<typeof Bun.file>["writer"]>;

/** A pipe's end as a stream, and how it is given up. */
export interface End<S> {
  readonly stream: S;
  /** Closes the descriptor, once. */
  readonly close: () => void;
}

/** A stream that nobody holds any more gives its descriptor back. */
const abandoned = new FinalizationRegistry((close: () => void) => close());

/** A descriptor that is closed once. */
class Owned {
  readonly descriptor: number;
  open = true;

  constructor(descriptor: number) {
    this.descriptor = descriptor;
  }

  readonly close = (): void => {
    if (this.open) closeSync(this.descriptor);
    this.open = false;
  };
}

/** What is written into the pipe, until all who hold its other end have closed it. */
export function readEnd(descriptor: number): End<ReadableStream<Uint8Array>> {
  const owned = new Owned(descriptor);
  const { close } = owned;
  let source: AsyncIterator<Uint8Array, undefined> | null = null;
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (!owned.open) return controller.close();
        source ??= Bun.file(descriptor).stream()[Symbol.asyncIterator]();
        const { done, value } = await source.next();
        if (done !== true) return controller.enqueue(value);
        close();
        controller.close();
      },
      async cancel() {
        await source?.return?.();
        close();
      },
    },
    { highWaterMark: 0 },
  );
  abandoned.register(stream, close);
  return { stream, close };
}

/** Goes into the pipe; a write is over when the pipe has taken it. */
export function writeEnd(descriptor: number): End<WritableStream<Text>> {
  const owned = new Owned(descriptor);
  let sink: Sink | null = null;
  const close = (): void => {
    // It holds a descriptor of its own; what it could not write is given up.
    void Promise.try(() => sink?.end()).catch(() => {});
    owned.close();
  };
  const stream = new WritableStream<Text>({
    async write(chunk) {
      if (!owned.open) throw cannotWrite("it has ended", null);
      sink ??= Bun.file(descriptor).writer();
      await sink.write(chunk);
      await sink.flush();
    },
    close,
    abort: close,
  });
  abandoned.register(stream, close);
  return { stream, close };
}

/** Of a descriptor that is no pipe: a stream that has ended. */
export function emptyStream(): End<ReadableStream<Uint8Array>> {
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => controller.close(),
  });
  return { stream, close: () => {} };
}

/** The same to write to, which fails. */
export function noStream(): End<WritableStream<Text>> {
  const stream = new WritableStream<Text>({
    start: (controller) =>
      controller.error(
        cannotWrite(
          "its standard input is no pipe",
          'stdin: "pipe" makes it one',
        ),
      ),
  });
  return { stream, close: () => {} };
}

function cannotWrite(state: string, hint: string | null): SelfdockError {
  return new SelfdockError(
    "usage",
    `Cannot write to the command: ${state}`,
    hint,
  );
}
