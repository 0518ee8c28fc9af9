/**
 * What the starter tells the launcher and the supervisor through a pipe: rows
 * of one kind and up to three values. The end of the file means that the
 * command was executed in the starter's place. An init at pid 1 cannot stop or
 * die by a signal, so it goes on saying what has become of the command.
 */

import { layout, u64 } from "../../../syscalls/struct.ts";

/** One row. */
export const STARTER_RECORD = layout(32, {
  kind: u64(0),
  a: u64(8),
  b: u64(16),
  c: u64(24),
});

export const STARTER_KIND = {
  /** The command runs, as the child of an init. */
  started: 1,
  /** It could not be executed: a is the result of execve, b and c say why; see ExecutionOutcome. */
  refused: 2,
  /** A step of the starter failed: a is the offset of its record, b the result. */
  failed: 5,
  /** It was stopped by the signal a. */
  stopped: 3,
  /** It has ended: a is si_code, b si_status of waitid(2). */
  ended: 4,
} as const;
