/** The input of a batch: read only when a command is wanted. */

import { ERRNO, errnoText } from "../../../syscalls/errno.table.ts";
import type {
  BatchFormat,
  BatchRequest,
} from "../../plan/batch/batch-request.ts";
import { saysNothing } from "../../plan/batch/says-nothing.ts";
import { quote } from "../../plan/bytes.ts";
import { SelfdockError } from "../../plan/error.ts";
import { openInput, readChunk } from "./descriptor-calls.ts";
import { LineReader } from "./line-reader.ts";
import type { NumberedLine } from "./line-reader.ts";

const NUL = 0x00;
const NEWLINE = 0x0a;

export class BatchInput {
  readonly descriptor: number;
  readonly #name: string;
  readonly #format: BatchFormat;
  readonly #reader: LineReader;
  #ended = false;

  /** Opens it. Throws a SelfdockError if that cannot be done. */
  constructor({ file, format }: BatchRequest, directory: number) {
    this.#name = file === null ? "standard input" : quote(file);
    this.#format = format;
    this.#reader = new LineReader(format === "null" ? NUL : NEWLINE);
    this.descriptor = file === null ? 0 : openInput(directory, file);
    if (this.descriptor < 0) this.#fail(this.descriptor);
  }

  /** Nothing will come any more, but what `take` gives. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The next line that is there and says something. */
  take(): NumberedLine | null {
    for (;;) {
      const line = this.#reader.take();
      const text = line?.text ?? null;
      if (text === null || !saysNothing(text, this.#format)) return line;
    }
  }

  /** Reads once; it waits if nothing is there. Throws a SelfdockError if it cannot be read. */
  read(): void {
    const chunk = readChunk(this.descriptor);
    if (typeof chunk !== "number") {
      this.#reader.push(chunk);
      this.#ended = chunk.length === 0;
    } else if (chunk !== -ERRNO.EAGAIN && chunk !== -ERRNO.EINTR)
      this.#fail(chunk);
  }

  #fail(errno: number): never {
    throw new SelfdockError(
      "launch",
      `Cannot read the commands from ${this.#name}: ${errnoText(-errno)}`,
    );
  }
}
