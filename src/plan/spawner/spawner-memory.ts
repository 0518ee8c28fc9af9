/**
 * What a spawner and whoever started it both see: one file in memory for what
 * differs from instance to instance, mapped at fixed addresses in the spawner
 * and anywhere in the other. Before it lies the handover, which the Program of
 * an instance reads (src/stage0/handover.ts).
 */

import { shown } from "../../../syscalls/program.ts";
import type { Shown } from "../../../syscalls/program.ts";
import { bytes, layout, u32, u64 } from "../../../syscalls/struct.ts";
import { RUSAGE, SIGINFO, TIMESPEC } from "../../../syscalls/structs.ts";
import { MEMORY_ADDRESS } from "../../stage0/handover.ts";

/** Where the ticket lies, in bytes from the beginning: behind the handover. */
export const TICKET_OFFSET = 0x4000;

/** How many descriptors beyond its streams a command may keep. */
export const MOST_KEPT = 32;

/** What the spawner is told, and what it tells. */
export const TICKET = layout(0x300, {
  /** The address of the first record of an instance's Program. */
  program: u64(0),
  /** The size of the Program's state, and of its first content. */
  stateSize: u64(8),
  imageSize: u64(16),
  /** The address of the state's first content. */
  image: u64(24),
  /** The addresses of the slots with the id of pid 1, and the descriptor of an init's reports (0: there is none). */
  child: u64(32),
  reports: u64(40),
  /** When the launch began, when the command was executed, when all had ended: CLOCK_MONOTONIC. */
  began: bytes(64, TIMESPEC.size),
  launched: bytes(80, TIMESPEC.size),
  ended: bytes(96, TIMESPEC.size),
  /** What waitid(2) says of pid 1. */
  info: bytes(112, SIGINFO.size),
  usage: bytes(240, RUSAGE.size),
  /** What an init says of the command: si_code (0: nothing) and si_status. */
  commandCode: u64(384),
  commandStatus: u64(392),
  /** The length of a start's message of descriptors, and those of it that the command keeps. */
  arrival: u64(400),
  kept: bytes(408, 4 * MOST_KEPT),
  /** Not 0: another instance may begin while the mounts of this one go. */
  overlaps: u64(536),
  /** Whether the command needs a turn, and has it: one of TURN. */
  turn: u64(544),
  /** When the instance stood and needed its turn, and when it had it. */
  stood: bytes(552, TIMESPEC.size),
  resumed: bytes(568, TIMESPEC.size),
  /** That of the command, or UMASK_AS_IT_IS. */
  umask: u64(584),
});

/** Of as many as there may be commands at once: none is needed, it is needed, it is taken. */
export const TURN = { none: 0, needed: 1, taken: 2 } as const;

/** No umask: the command gets that with which its spawner was started. */
export const UMASK_AS_IT_IS = 0o1000;

/** Where the head of the state is copied to, once the launch is over. */
export const STATE_COPY_OFFSET = 0x5000;
/** All of it: the arguments and variables of a command are behind the copy. */
export const SHARED_SIZE = 0x80_0000;

/** The constants of an instance's Program, and its state. */
export const PLAN_ADDRESS = 0x2000_0000;
export const PLAN_SIZE = 0x400_0000;
export const PROGRAM_STATE_ADDRESS = 0x3000_0000;

/** What it is called, and its file. */
export const SPAWNER_NAME = "selfdock-spawn";

/** The descriptors with which a spawner starts. */
export const SPAWNER_DESCRIPTOR = {
  /** Its end of the socket. */
  socket: 3,
  /** /dev/null, as are 0, 1 and 2. */
  nothing: 4,
  /** The turns, an eventfd(2) of all spawners; /dev/null if none are needed. */
  turns: 5,
  /** The file that both see. */
  shared: 6,
  /** The file with the Program's constants. */
  plan: 7,
  /** Its own. */
  file: 8,
} as const;

/** What the spawner is asked: to start an instance, with its descriptors (and to say so when it has), or to signal it. */
export const ASK = layout(8, { kind: u32(0), signal: u32(4) });
export const ASK_KIND = { start: 1, signal: 2, startAndSay: 3 } as const;

/** The descriptors of every start: the command's 0, 1 and 2, and the caller's directory; what it keeps follows. */
export const START_DESCRIPTORS = 4;

/** What the spawner sends when the command has begun, if it was asked to, and when the instance has ended. */
export const BEGUN = "+";
export const ENDED = "!";

/** The address of a field of the ticket, in the spawner and in the child that borrows its memory. */
export function ticket(field: keyof typeof TICKET.fields): Shown {
  const { offset } = TICKET.fields[field];
  return shown(MEMORY_ADDRESS + TICKET_OFFSET + offset, `&ticket.${field}`);
}
