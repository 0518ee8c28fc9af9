/**
 * What the user asked for, resolved once and complete: no field is optional and
 * no default is applied behind this door. `src/commands` makes it from words,
 * the planner turns it (with the facts of the host) into a Program.
 */

import type { Bytes } from "./bytes.ts";
import type { Resource } from "./limits.ts";

/** `--map`, `--vol`: a bind mount with its submounts. */
export interface BindRequest {
  readonly kind: "map" | "vol";
  /** Relative to the caller's directory, or absolute. Never empty. */
  readonly source: Bytes;
  /** An absolute path inside, or `.` for the source's own path. */
  readonly target: Bytes;
}

/** `--tmpfs`: an empty filesystem in memory. */
export interface TmpfsRequest {
  readonly kind: "tmpfs";
  /** An absolute path inside. */
  readonly target: Bytes;
  /** Bytes; at least 1. */
  readonly size: number;
  /** How many inodes at most; at least 1. */
  readonly inodes: number;
  /** Permission bits, at most 0o1777. */
  readonly mode: number;
  /** `uid=` and `gid=`: must be the caller's own; null where not given. */
  readonly uid: number | null;
  readonly gid: number | null;
}

/** `--hide`: something empty that nobody can read or write, in the place of what is there. */
export interface HideRequest {
  readonly kind: "hide";
  /** An absolute path inside. */
  readonly target: Bytes;
}

/** `--data`: a read-only file in memory, with what is read from a descriptor. */
export interface DataRequest {
  readonly kind: "data";
  /** Inherited; from 3 to 1023. */
  readonly descriptor: number;
  /** An absolute path inside. */
  readonly target: Bytes;
}

/** The same with content that is known: of a program that uses the library. */
export interface ContentRequest {
  readonly kind: "content";
  readonly content: Uint8Array;
  /** An absolute path inside. */
  readonly target: Bytes;
}

export type MountRequest =
  BindRequest | TmpfsRequest | HideRequest | DataRequest | ContentRequest;

/** `--ulimit`: a limit of the command's, in the kernel's units; see UNLIMITED. */
export interface LimitRequest {
  readonly resource: Resource;
  readonly soft: bigint;
  readonly hard: bigint;
}

/** `--env`, `--unset-env`: in the order given. */
export type EnvironmentChange =
  | { readonly kind: "set"; readonly name: Bytes; readonly value: Bytes }
  | { readonly kind: "unset"; readonly name: Bytes };

/** `own`: a fresh one. `host`: the surrounding one, read-only. `none`: an empty directory. */
export type Proc = "own" | "host" | "none";

/** One instance. */
export interface Request {
  /** `run`: the root is read-only. `build`: it is writable. */
  readonly action: "run" | "build";
  /** The root filesystem, relative to the caller's directory or absolute. Never empty. */
  readonly rootfs: Bytes;
  /** In the order given: later ones lie on top. */
  readonly mounts: readonly MountRequest[];
  /** `--cd`: a directory inside, or null for the caller's path if it exists inside, else `/`. */
  readonly workingDirectory: Bytes | null;
  readonly environment: readonly EnvironmentChange[];
  /** Inherited descriptors above 2 that the command keeps; ascending, each once. */
  readonly keepDescriptors: readonly number[];
  /** `none`: a network namespace with only loopback, up. */
  readonly network: "host" | "none";
  /** What is at /proc; other than `own` implies `rootless`. */
  readonly proc: Proc;
  /** The host's name inside, or null for the host's own. */
  readonly hostname: Bytes | null;
  /** Each resource once. */
  readonly limits: readonly LimitRequest[];
  /** Give up a saved root for good and use user namespaces. */
  readonly rootless: boolean;
  /** The caller is root inside, in a user namespace: implies `rootless` and an init. */
  readonly asRoot: boolean;
  /** `--scratch`: the root is writable in memory, up to so many bytes; implies `rootless`. Null: it is not. */
  readonly scratch: number | null;
  /** Put a minimal init at pid 1, and the command at pid 2. */
  readonly init: boolean;
  /** Take over what the config of an imported root says: done before planning. */
  readonly imageConfig: boolean;
  /** The command and its arguments; empty only where the image's config names one. */
  readonly command: readonly Bytes[];
}

/** The size of a tmpfs, /tmp included, for which no size was given: 256 MiB. */
export const DEFAULT_TMPFS_SIZE = 256 * 2 ** 20;
/** The inodes of a tmpfs for which no number was given. */
export const DEFAULT_TMPFS_INODES = 2 ** 18;
/** The size of what `--scratch` may hold if none is given: 1 GiB. */
export const DEFAULT_SCRATCH_SIZE = 2 ** 30;
/** Its mode: anyone may make files, only owners remove them. */
export const DEFAULT_TMPFS_MODE = 0o1777;
