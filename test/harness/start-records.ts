/**
 * How a program is started, as the records that the C helper `start` performs
 * one after another.
 */

/** Text (UTF-8) or bytes as they are. */
export type Word = string | Uint8Array;

/** How a program is started; everything has a plain default. */
export interface StartOptions {
  /** The real, effective and saved uid and gid. 1000 by default. */
  readonly user?: number;
  /** The real, effective and saved gid. The number of the user by default. */
  readonly group?: number;
  /** The supplementary groups; none by default. */
  readonly groups?: readonly number[];
  /** Variables beside PATH, HOME, LANG and TERM, or the whole environment as a list. */
  readonly env?: Readonly<Record<string, string>> | readonly Word[];
  readonly cwd?: string;
  readonly stdin?: string | Uint8Array;
  /** The name that the program is told to have. */
  readonly argv0?: Word;
  readonly noArguments?: boolean;
  /** Descriptors to close, after `open`. */
  readonly close?: readonly number[];
  /** Files to open at these numbers: `[5, "/etc"]`, read-only unless flags (the kernel's numbers) follow. */
  readonly open?: readonly (readonly [
    fd: number,
    path: string,
    flags?: number,
  ])[];
  /** Signals to ignore, and to block (0: all), by number. */
  readonly ignore?: readonly number[];
  readonly block?: readonly number[];
  /** `[resource, soft, hard]` by the kernel's numbers. */
  readonly limits?: readonly (readonly [
    resource: number,
    soft: number,
    hard: number,
  ])[];
  /** In a process group of its own, which is no orphan: an orphan's members ignore SIGTSTP. */
  readonly ownGroup?: boolean;
  readonly umask?: string;
  readonly nice?: number;
  /** How this host forbids user namespaces, in the words of `start`. */
  readonly forbid?:
    | "by a limit of 0"
    | "by a filter, as container engines do"
    | "by taking their rights, as AppArmor does";
  /** A command of root's that gets the rest as its last arguments: `unshare …`, `strace …`. */
  readonly before?: readonly string[];
  /** After so many seconds the program is killed and the result is a failure. 30 by default. */
  readonly timeout?: number;
}

export const ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/",
  LANG: "C.UTF-8",
  TERM: "xterm",
};

type Letter =
  | "a"
  | "e"
  | "x"
  | "d"
  | "c"
  | "o"
  | "i"
  | "b"
  | "r"
  | "u"
  | "n"
  | "P"
  | "F"
  | "g"
  | "G"
  | "U";

function record(letter: Letter, value: Word): Buffer {
  const data = Buffer.from(value as string);
  const head = Buffer.from([letter.charCodeAt(0), 0, 0, 0, 0]);
  head.writeUInt32LE(data.length, 1);
  return Buffer.concat([head, data, Buffer.from([0])]);
}

function environmentList(given: StartOptions["env"]): readonly Word[] {
  if (Array.isArray(given)) return given as readonly Word[];
  return Object.entries({ ...ENVIRONMENT, ...given }).map(
    ([name, value]) => `${name}=${value}`,
  );
}

/** The records in the order in which they must be performed: the identity late, descriptors and signals behind it. */
export function startRecords(
  command: readonly Word[],
  options: StartOptions,
): Buffer {
  const user = options.user ?? 1000;
  const records: Buffer[] = [];
  const add = (letter: Letter, ...values: readonly (Word | number)[]): void => {
    for (const value of values) {
      records.push(
        record(letter, typeof value === "number" ? String(value) : value),
      );
    }
  };
  add("e", ...environmentList(options.env));
  if (!options.noArguments)
    add("a", options.argv0 ?? command[0]!, ...command.slice(1));
  add("r", ...(options.limits ?? []).map((limit) => limit.join(" ")));
  if (options.nice !== undefined) add("n", options.nice);
  add("u", options.umask ?? "022");
  if (options.ownGroup) add("P", "");
  if (options.forbid !== undefined) add("F", options.forbid);
  if (process.getuid!() === 0) {
    add("g", (options.groups ?? []).join(","));
    add("G", options.group ?? user);
    add("U", user);
  }
  add("d", options.cwd ?? "/");
  add(
    "o",
    ...(options.open ?? []).map(
      ([fd, path, flags = 0]) => `${fd} ${flags} ${path}`,
    ),
  );
  add("i", ...(options.ignore ?? []));
  add("b", ...(options.block ?? []));
  add("c", ...(options.close ?? []));
  add("x", command[0]!);
  return Buffer.concat(records);
}
