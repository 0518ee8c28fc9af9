/** What is written into the memory that a spawner shares with us: the ticket, and a command's words. */

import { controlLength } from "../../../syscalls/calls/sockets.ts";
import { stateOffset } from "../../../syscalls/encode.ts";
import type { Layout } from "../../../syscalls/encode.ts";
import { quote } from "../../plan/bytes.ts";
import type { Bytes } from "../../plan/bytes.ts";
import { SelfdockError } from "../../plan/error.ts";
import { COMMAND_STATE } from "../../plan/failure-words.ts";
import type { Launch } from "../../plan/plan-instance.ts";
import {
  PLAN_ADDRESS,
  PROGRAM_STATE_ADDRESS,
  SHARED_SIZE,
  START_DESCRIPTORS,
  STATE_COPY_OFFSET,
  TICKET,
  TICKET_OFFSET,
  TURN,
  UMASK_AS_IT_IS,
} from "../../plan/spawner/spawner-memory.ts";
import { HANDOVER, MEMORY_ADDRESS } from "../../stage0/handover.ts";
import type { KeptState } from "./kept-state.ts";

/** A launch as it lies in the spawners' memory. */
export interface EncodedLaunch {
  readonly launch: Launch;
  readonly layout: Layout;
  /** The size of the state's first content, which is as much of it as we read. */
  readonly imageSize: number;
  /** How many descriptors the command keeps. */
  readonly kept: number;
}

/** What all launches of a spawner have in common. */
export interface Manner {
  readonly kept: KeptState;
  /** The descriptor of the turns, or null if none are needed. */
  readonly turns: number | null;
  /** Whether an instance may be said to have ended while its mounts still go, so that the next one begins sooner. */
  readonly overlaps: boolean;
}

/** What differs from launch to launch. */
export interface Words {
  /** The command and its arguments; at least one. */
  readonly argv: readonly Bytes[];
  /** All of the command's variables, as NAME=VALUE. */
  readonly environment: readonly Bytes[];
  /** The caller's directory, or null if it has no path. */
  readonly directory: Bytes | null;
  /** Where the command begins: a directory inside, or null for what the request says. */
  readonly workingDirectory: Bytes | null;
  /** The command's umask; by default that of this process when it started the spawner. */
  readonly umask?: number;
}

const POINTER = 8;
const PATH_MAX = 4096;

/** One spawner's memory, which remembers what is in it already. */
export class SharedMemory {
  readonly bytes: Uint8Array;
  readonly #text: Buffer;
  readonly #view: DataView;
  readonly #firstText: number;
  #environment: readonly Bytes[] | null = null;
  /** Where the texts of the variables end, and where the array of their addresses begins. */
  #variables = { end: 0, array: 0 };

  /** Writes what stays the same. */
  constructor(
    bytes: Uint8Array,
    encoded: EncodedLaunch,
    { kept, turns, overlaps }: Manner,
  ) {
    const { launch, layout, imageSize } = encoded;
    this.bytes = bytes;
    this.#text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset);
    this.#firstText = STATE_COPY_OFFSET + imageSize;
    bytes.set(kept);
    const addressOf = (slot: Launch["child"]) =>
      PROGRAM_STATE_ADDRESS + stateOffset(layout, slot);
    const { reports } = launch;
    const fields = {
      program: PLAN_ADDRESS,
      stateSize: layout.stateSize,
      imageSize,
      image: PLAN_ADDRESS + layout.constantSize,
      child: addressOf(launch.child),
      reports: reports === null ? 0 : addressOf(reports),
      arrival: controlLength(START_DESCRIPTORS + encoded.kept),
      overlaps: overlaps ? 1 : 0,
      turn: turns === null ? TURN.none : TURN.needed,
    };
    for (const [name, value] of Object.entries(fields))
      this.#put(ticketOffset(name as keyof typeof fields), value);
  }

  /** Writes what a launch is about. Throws a SelfdockError if there is no room for its words. */
  write(words: Words): void {
    const { argv, environment, directory, workingDirectory } = words;
    this.#put(ticketOffset("umask"), words.umask ?? UMASK_AS_IT_IS);
    if (environment !== this.#environment) this.#writeEnvironment(environment);
    const { end, array } = this.#variables;
    const first = array - POINTER * (argv.length + 1);
    const room = first - POINTER;
    let at = end;
    argv.forEach((word, index) => {
      if (at + word.length >= room) throw tooLong(argv[0]!);
      this.#put(first + POINTER * index, MEMORY_ADDRESS + at);
      at = this.#writeText(word, at);
    });
    this.#put(first + POINTER * argv.length, 0);
    this.#put(room, argv.length);
    this.#put(HANDOVER.fields.stack.offset, MEMORY_ADDRESS + room);
    const own = HANDOVER.fields.commandDirectory.offset;
    this.#put(own, workingDirectory === null ? 0 : MEMORY_ADDRESS + at);
    if (workingDirectory !== null) {
      if (at + workingDirectory.length >= room) throw tooLong(argv[0]!);
      this.#writeText(workingDirectory, at);
    }
    const path =
      directory === null || directory.length >= PATH_MAX ? "" : directory;
    this.#writeText(path as Bytes, HANDOVER.fields.directoryPath.offset);
  }

  /** Zero-extended; what is beyond 2^53 is nothing that we ask for. */
  read(field: keyof typeof TICKET.fields, offset = 0, size: 4 | 8 = 8): number {
    const at = ticketOffset(field) + offset;
    return size === 4
      ? this.#view.getInt32(at, true)
      : Number(this.#view.getBigInt64(at, true));
  }

  /** Whether its instance has a turn that was not given back. */
  get hasTurn(): boolean {
    return this.read("turn") === TURN.taken;
  }

  #writeEnvironment(environment: readonly Bytes[]): void {
    const array = SHARED_SIZE - POINTER * (environment.length + 1);
    let at = this.#firstText;
    this.#environment = null;
    environment.forEach((variable, index) => {
      if (at + variable.length >= array) throw tooLong(variable);
      this.#put(array + POINTER * index, MEMORY_ADDRESS + at);
      at = this.#writeText(variable, at);
    });
    this.#put(SHARED_SIZE - POINTER, 0);
    this.#variables = { end: at, array };
    this.#environment = environment;
  }

  /** With its NUL; where the next one may begin. */
  #writeText(text: Bytes, at: number): number {
    this.#text.write(text, at, "latin1");
    this.bytes[at + text.length] = 0;
    return at + text.length + 1;
  }

  #put(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
    this.#view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
  }
}

function ticketOffset(field: keyof typeof TICKET.fields): number {
  return TICKET_OFFSET + TICKET.fields[field].offset;
}

function tooLong(word: Bytes): SelfdockError {
  const shown = word.length > 64 ? (`${word.slice(0, 64)}…` as Bytes) : word;
  return new SelfdockError(
    "not-executable",
    `Cannot execute ${quote(shown)}: ${COMMAND_STATE.tooLong}`,
  );
}
