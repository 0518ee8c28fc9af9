/**
 * What the init tells the launcher and the supervisor through a pipe: rows of
 * one kind and up to three values. A pid 1 cannot stop or die by a signal, so
 * what has become of the command is said in words.
 */

import { layout, u64 } from "../../../syscalls/struct.ts";

/** One row. */
export const INIT_RECORD = layout(32, {
  kind: u64(0),
  a: u64(8),
  b: u64(16),
  c: u64(24),
});

export const INIT_KIND = {
  /** The command runs. */
  started: 1,
  /** It could not be executed: a is the result of execve, b and c say why; see ExecutionOutcome. */
  refused: 2,
  /** It was stopped by the signal a. */
  stopped: 3,
  /** It has ended: a is si_code, b si_status of waitid(2). */
  ended: 4,
} as const;
