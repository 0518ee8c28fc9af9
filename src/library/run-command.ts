/** One command to its end. */

import { usageError } from "../commands/usage-error.ts";
import type { Command, Result, RunOptions } from "../selfdock.d.ts";
import { begin } from "./begin.ts";
import { collect } from "./collect.ts";
import { awaitEnding, checkTimeout } from "./ending.ts";
import type { Fleet } from "./fleet.ts";
import { WrittenOutput } from "./result.ts";
import { writeEnd } from "./streams.ts";
import { contentOf } from "./text.ts";

const NOTHING = new Uint8Array(0);

/** Runs it in a new instance. */
export async function runCommand(
  fleet: Fleet,
  command: Command,
  options: RunOptions,
): Promise<Result> {
  const { signal, input, stdin, stdout = "pipe", stderr = "pipe" } = options;
  const argv = fleet.resolve(command);
  checkTimeout(options);
  const content = input === undefined ? null : contentOf(input, "input");
  if (content !== null && stdin !== undefined)
    throw usageError(
      "Cannot use stdin and input together: which one the command reads is not clear",
      "input is what it reads",
    );
  const { started, own } = await begin(fleet, {
    argv,
    kinds: [content === null ? (stdin ?? "ignore") : "pipe", stdout, stderr],
    tellBeginning: false,
    signal,
  });
  const [inputEnd, ...outputEnds] = own;
  const written =
    inputEnd === null ? null : writeInput(inputEnd, content ?? NOTHING);
  const collection = collect(outputEnds);
  try {
    const ended = await awaitEnding(started, options);
    const [out, err] = await collection.finish();
    return {
      ...ended,
      stdout: new WrittenOutput(out!),
      stderr: new WrittenOutput(err!),
    };
  } catch (error) {
    collection.discard();
    throw error;
  } finally {
    written?.();
  }
}

/** Writes it beside; what the command does not read is nobody's concern. Gives what ends the writing. */
function writeInput(descriptor: number, content: Uint8Array): () => void {
  const { stream, close } = writeEnd(descriptor);
  const writer = stream.getWriter();
  const whole = async (): Promise<void> => {
    await writer.write(content);
    await writer.close();
  };
  whole().catch(close);
  return close;
}
