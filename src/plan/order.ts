/**
 * What is asked for, as the rooms of the plan take it. A Program is written for
 * one request, whose words are then known (known-order.ts), or for every request
 * that fits a table in memory, which the Program reads when it is played
 * (table-order.ts). The rooms write both, and cannot tell which it is.
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { when } from "../../syscalls/control.ts";
import type { Operand, Slot } from "../../syscalls/program.ts";
import type { ContentRequest, DataRequest } from "./request.ts";

/** A NUL-terminated row of bytes. */
export interface Word {
  readonly address: Operand;
  /** For messages: quoted, or a placeholder of table-order.ts. */
  readonly name: string;
  /** Steps that put it together, before it is used. */
  readonly prepare?: () => void;
}

/** Known now, or not 0 if it is so. */
export type Truth = boolean | Slot;

/** `--map`, `--vol`. */
export interface OrderedBind {
  readonly readOnly: Truth;
  readonly source: Word;
  readonly target: Word;
}

/** `--tmpfs`: its options as texts, or the addresses of texts. */
export interface OrderedTmpfs {
  readonly target: Word;
  readonly size: string | Slot;
  readonly inodes: string | Slot;
  readonly mode: string | Slot;
}

/** What a file in memory is made of. */
export type MemoryFile = DataRequest | ContentRequest;

/** `--data`: only where it is known. */
export interface OrderedData {
  readonly file: MemoryFile;
  readonly target: Word;
}

/** One mount on its way: what was made for it stays from one passage to the next. */
export interface OrderedMount {
  /** The detached mount. */
  readonly mount: Slot;
  /** 1 if it is a directory; for what hides, a clone of an empty one. */
  readonly directory: Slot;
  /** For what hides: a clone of an empty file. */
  readonly file: Slot;
  /** Writes the steps for its kind, or, where that is not known, for each with the choice between them. */
  as(kinds: MountKinds): void;
}

export interface MountKinds {
  readonly bind?: (bind: OrderedBind) => void;
  readonly tmpfs?: (tmpfs: OrderedTmpfs) => void;
  readonly hide?: (target: Word) => void;
  readonly data?: (data: OrderedData) => void;
}

/** A limit: RLIMIT's number, and the address of a struct rlimit64. */
export interface OrderedLimit {
  readonly name: string;
  readonly resource: Operand;
  readonly limit: Operand;
}

/** Which numbers descriptors have in the end. */
export interface OrderedDescriptors {
  /** The starter's end of its pipe: the first above 2 that the command does not keep. */
  readonly report: Operand;
  /** The first number that moving it may take. */
  readonly aboveReport: Operand;
  /** The starter's file: the next one. */
  readonly executable: Operand;
  readonly aboveExecutable: Operand;
  /** Passes over the gaps between what stays open above 2. */
  eachGap(body: (first: Operand, last: Operand) => void): void;
  /** What the command keeps, ascending; empty where it is not known. */
  readonly kept: readonly number[];
  /** Passes over what the command keeps. */
  eachKept(body: (descriptor: Operand, name: string) => void): void;
}

/** The command and its arguments: which of the caller's words is the first, or the address of an array of pointers. */
export type Command = { readonly index: number } | { readonly vector: Operand };

/** One instance. */
export interface Order {
  readonly command: Command;
  /** For messages. */
  readonly commandName: string;
  readonly rootfs: Word;
  /** `build`: the root is writable. */
  readonly writable: Truth;
  /** The host's resolv.conf is wanted where the root has none that says anything. */
  readonly resolver: Truth;
  /** A place for it must not be made: another root is being built. */
  readonly keepsRoot: Truth;
  /** /tmp is the instance's own: no mount is asked for there. */
  readonly tmp: Truth;
  readonly hides: Truth;
  readonly data: readonly MemoryFile[];
  /** Passes over the mounts, in the order given. */
  eachMount(body: (mount: OrderedMount) => void): void;
  /** `--cd`; else the caller's own directory. */
  readonly changesDirectory: Truth;
  readonly directory: Word;
  /** The address of the array of pointers, or null for the caller's own. */
  readonly environment: Operand | null;
  readonly descriptors: OrderedDescriptors;
  /** `--net none` */
  readonly noNetwork: Truth;
  /** `--hostname` */
  readonly namesHost: Truth;
  readonly hostname: Word;
  readonly hostnameLength: Operand;
  eachLimit(body: (limit: OrderedLimit) => void): void;
  readonly init: Truth;
}

/** Writes the steps if it is so; where that is not known yet, with the question. */
export function whether(
  p: ProgramBuilder,
  truth: Truth,
  body: () => void,
  otherwise: (() => void) | null = null,
): void {
  if (typeof truth !== "boolean") when(p, [truth, "!=", 0], body, otherwise);
  else if (truth) body();
  else otherwise?.();
}
