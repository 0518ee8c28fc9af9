/**
 * Which process group the command gets, decided by the launcher's steps before
 * the clone; the supervisor is told.
 */

/** The values of the slot. */
export const GROUP = {
  /** A pipeline or a script on a terminal: the launcher's group, which the terminal addresses. */
  shared: 0,
  /** No terminal: a group of its own, so that a signal to the group stays inside. */
  own: 1,
  /** The terminal is all the command's: a group of its own, in the foreground. */
  foreground: 2,
} as const;
