/** What a command line asks for. `parseLine` makes it, the entry acts on it. */

import type { Bytes } from "../plan/bytes.ts";
import type { BatchRequest } from "../plan/batch/batch-request.ts";
import type { EntryRequest } from "../plan/enter/entry-request.ts";
import type { ImportRequest } from "../plan/image/import-request.ts";
import type { Request } from "../plan/request.ts";
import type { CommandName } from "./commands.table.ts";

/** The uses of selfdock that there is help on. */
export const GUIDE_NAMES = [
  "compiler",
  "tests",
  "agent",
  "daemon",
  "debootstrap",
  "docker",
  "make",
  "cluster",
] as const;
/** One of them. */
export type GuideName = (typeof GUIDE_NAMES)[number];

/** Files that are made from the descriptions of commands and options. */
export const GENERATED = ["man", "bash", "zsh", "fish"] as const;

/** What there is help on: the whole program, one command, a use, or all as a file. */
export type HelpTopic =
  | "selfdock"
  | Exclude<CommandName, "help">
  | GuideName
  | (typeof GENERATED)[number];

/** How `--dry-run` prints: for a glance, every step, or for programs. */
export type DryRun = "words" | "steps" | "json";

export type Invocation =
  | {
      readonly kind: "launch";
      readonly request: Request;
      /** Print the Program in this form instead of playing it. */
      readonly dryRun: DryRun | null;
      /** `--name`: what `ps`, `enter` and `stop` call it; it changes nothing else. */
      readonly name: Bytes | null;
    }
  | { readonly kind: "batch"; readonly batch: BatchRequest }
  | {
      readonly kind: "bake";
      /** The file to make, relative to the caller's directory or absolute. */
      readonly file: Bytes;
      readonly request: Request;
      readonly dryRun: DryRun | null;
      readonly name: Bytes | null;
    }
  | {
      readonly kind: "explain";
      /** A file. */
      readonly what: Bytes;
      readonly json: boolean;
    }
  | {
      readonly kind: "enter";
      readonly request: EntryRequest;
      /** A name or a pid. */
      readonly instance: Bytes;
      readonly dryRun: DryRun | null;
    }
  | { readonly kind: "ps"; readonly json: boolean }
  | { readonly kind: "doctor"; readonly json: boolean }
  | {
      readonly kind: "stop";
      /** Names and pids; never empty. */
      readonly instances: readonly Bytes[];
      readonly seconds: number;
    }
  | { readonly kind: "import"; readonly request: ImportRequest }
  /** `renderHelp` (loaded only then) to standard output, status 0. */
  | { readonly kind: "help"; readonly topic: HelpTopic }
  /** `renderVersion` to standard output, status 0. */
  | { readonly kind: "version" }
  | {
      readonly kind: "install";
      /** Absolute. */
      readonly prefix: Bytes;
      /** Permission bits, at most 0o4755, the owner's read and execute among them. */
      readonly mode: number;
    }
  | {
      readonly kind: "uninstall";
      /** Absolute. */
      readonly prefix: Bytes;
    };

/** How long `stop` waits before it kills, in seconds. */
export const DEFAULT_STOP_SECONDS = 10;
/** Where `install` puts things unless told otherwise. */
export const DEFAULT_PREFIX = "/usr/local" as Bytes;
/** Setuid root. */
export const DEFAULT_INSTALL_MODE = 0o4755;
