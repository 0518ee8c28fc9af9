/**
 * The library of selfdock, for programs that Bun runs on Linux:
 *
 *     import { run } from "selfdock";
 *     const { status, stdout } = await run(["make", "test"], { vol: [[".", "."]], net: "none" });
 *
 * An instance is what `selfdock --rootless run` makes, with the same options by
 * the same names, refused for the same reasons in the same words. Nothing of this
 * process changes by it, and it ends when this process does. A command gets the
 * variables, umask and directory of the call (or of `plan`: the directory), ignores
 * no signal, and has the limits of this or an earlier call with the same options.
 */

/** A path, a word or a content: a string stands for its bytes in UTF-8. Paths and words are without a NUL byte. */
export type Text = string | Uint8Array;

/** A command and its arguments; no shell is asked. */
export type Command = readonly Text[];

/** Two paths: on the host (relative to the working directory), and inside (absolute, or `.` for the same). */
export type Binding = readonly [source: Text, target: Text];

/** A limit in the kernel's unit (bytes, seconds, a number of things), or none. */
export type Limit = number | bigint | "unlimited";

/** What an instance is: the options of the command line. Mounts happen in the order in which they are written. */
export interface Options {
  /** `build`: the root is writable where you may write. By default `run`: it is read-only. */
  readonly action?: "run" | "build";
  /** The root filesystem, a directory; by default `/`. */
  readonly rootfs?: Text;
  /** Read-only inside, with their submounts. */
  readonly map?: readonly Binding[];
  /** Inside as writable as they are to you, with their submounts. */
  readonly vol?: readonly Binding[];
  /** Empty filesystems in memory: `["size=4K,mode=1777", "/place"]`, or `["", "/place"]`. */
  readonly tmpfs?: readonly (readonly [options: Text, target: Text])[];
  /** Absolute paths inside, in whose place stands something empty and closed to all. */
  readonly hide?: readonly Text[];
  /** Read-only files in memory: their content, and an absolute path inside. At most 32 MiB together. */
  readonly data?: readonly (readonly [content: Text, target: Text])[];
  /**
   * A writable root whose changes lie in memory and vanish with the instance: up
   * to 1 GiB, or so many bytes (`"64m"` is text for a number, too). You may change
   * what your own rights allow; of the host's root that is what is yours below
   * the working directory and HOME. Only with `run`.
   */
  readonly scratch?: boolean | number | string;
  /** The working directory inside, absolute; by default this process's, if it exists inside, else `/`. */
  readonly cd?: Text;
  /** Variables that are set, on top of those of `process.env`; `undefined` leaves one as it is. */
  readonly env?: Readonly<Record<string, Text | undefined>>;
  /** Variables that are removed. */
  readonly unsetEnv?: readonly Text[];
  /**
   * Descriptors of this process, from 3 to 1023, that the command gets under the
   * same numbers: what they are when it starts. At most 32; all others above 2
   * are closed.
   */
  readonly keepFd?: readonly number[];
  /** `none`: a loopback only. By default the host's network. */
  readonly net?: "host" | "none";
  /**
   * `own`, the default: a fresh `/proc`, of the instance's processes alone. Where
   * that is refused, as in containers: the surrounding one, read-only, or none.
   */
  readonly proc?: "own" | "host" | "none";
  /** The host's name inside. */
  readonly hostname?: Text;
  /** Limits by the names of `ulimit` (`nofile`, `as`, `cpu`, …): soft and hard, or one for both. */
  readonly ulimit?: Readonly<Record<string, Limit | readonly [Limit, Limit]>>;
  /** A minimal init as process 1, and the command as process 2. */
  readonly init?: boolean;
  /**
   * Root inside, which is you outside, with what subordinate ids the host's
   * newuidmap gives you; without any it is the only user inside. Implies `init`.
   */
  readonly asRoot?: boolean;
  /**
   * What the config of an imported root says, read when the instance is planned:
   * its variables, below `env`; its directory, unless there is `cd`; its
   * entrypoint before the command, and its own command where that has no words.
   */
  readonly imageConfig?: boolean;
  /**
   * What `selfdock ps`, `enter` and `stop` call the instances: a letter, then up
   * to 63 letters, digits, dots, underscores and dashes. Instances of one name
   * are made by the same spawners; a new name takes a few milliseconds more.
   */
  readonly name?: string;
}

/** What concerns one command and not the instance around it. */
export interface CommandOptions {
  /**
   * Kills the instance when it aborts, and whoever waits for it gets the
   * signal's reason as an error. If it has aborted before, nothing starts.
   */
  readonly signal?: AbortSignal;
  /** Kills the instance so many milliseconds after its start: see `Ended.timedOut`. By default never. */
  readonly timeout?: number;
  /** Standard input: nothing (`/dev/null`, the default), this process's own, or a descriptor of this process. */
  readonly stdin?: "ignore" | "inherit" | number;
  /** Standard output and error: a pipe (the default), nothing, this process's own, or a descriptor. */
  readonly stdout?: "pipe" | "ignore" | "inherit" | number;
  readonly stderr?: "pipe" | "ignore" | "inherit" | number;
}

/** For a command that is run to its end. */
export interface RunOptions extends CommandOptions {
  /** What the command reads from standard input; `stdin` is then not given. */
  readonly input?: Text;
}

/** For a command that runs beside this program. */
export interface SpawnOptions extends Omit<CommandOptions, "stdin"> {
  /** As in `CommandOptions`, or `pipe`: what is written to `Instance.stdin`. */
  readonly stdin?: "pipe" | "ignore" | "inherit" | number;
}

/** For many commands. */
export interface BatchOptions extends RunOptions {
  /** How many instances run at once; by default as many as there are processors. */
  readonly concurrency?: number;
}

/** A signal by its name; a real-time signal has a number only. */
export type Signal = `SIG${
  | "HUP"
  | "INT"
  | "QUIT"
  | "ILL"
  | "TRAP"
  | "ABRT"
  | "BUS"
  | "FPE"
  | "KILL"
  | "USR1"
  | "SEGV"
  | "USR2"
  | "PIPE"
  | "ALRM"
  | "TERM"
  | "STKFLT"
  | "CHLD"
  | "CONT"
  | "STOP"
  | "TSTP"
  | "TTIN"
  | "TTOU"
  | "URG"
  | "XCPU"
  | "XFSZ"
  | "VTALRM"
  | "PROF"
  | "WINCH"
  | "IO"
  | "PWR"
  | "SYS"}`;

/** In milliseconds. */
export interface Times {
  /** How long the launch took. */
  readonly start: number;
  /** From there until everything in the instance had ended. */
  readonly wall: number;
  /** Processor time of the command and what it has waited for: in their own code, and in the kernel. */
  readonly user: number;
  readonly system: number;
}

/** How a command has ended. */
export interface Ended {
  /** Its exit status, 0 to 255; null if a signal has killed it. */
  readonly status: number | null;
  /** The signal that has killed it, else null. */
  readonly signal: Signal | number | null;
  /** Whether it was killed because `timeout` had passed. */
  readonly timedOut: boolean;
  readonly times: Times;
  /** The most memory that one of its processes had resident at once, in bytes. */
  readonly peakMemory: number;
}

/** What a command has written. */
export interface Output {
  readonly bytes: Uint8Array;
  /** As UTF-8; what is none becomes U+FFFD. */
  text(): string;
  /** The lines of the text, without their ends. */
  lines(): string[];
}

/** How a command has ended, and what it has written to its pipes. */
export interface Result extends Ended {
  readonly stdout: Output;
  readonly stderr: Output;
}

/**
 * An instance that runs. With `await using` it is killed at the end of the
 * block. While it runs this program does not end, unless `unref` was called;
 * if this program ends all the same, so does the instance.
 */
export interface Instance extends AsyncDisposable {
  /** The id of its first process, as this process's namespace has it. */
  readonly pid: number;
  /** Standard input; every write is an error if it is no pipe. */
  readonly stdin: WritableStream<Text>;
  /** What it writes, unless that is no pipe: then it is empty. A command whose output nobody reads waits. */
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  /** Fulfilled when everything in it has ended; rejected if `signal` has aborted it. */
  readonly exited: Promise<Ended>;
  /** Sends a signal, by default SIGTERM, as the command line does. False if it has ended. */
  kill(signal?: Signal | number): boolean;
  ref(): void;
  unref(): void;
}

/** One of many: in the order of their ends, with its place in the order given. */
export type BatchResult = {
  readonly index: number;
  readonly command: Command;
} & (
  | { readonly result: Result; readonly error: null }
  | { readonly result: null; readonly error: SelfdockError }
);

/** One system call, or a step of control between two. */
export interface Step {
  /** As `clone3`, or `jumpIf`. */
  readonly operation: string;
  /** What the step belongs to, as `make a process in new namespaces`. */
  readonly purpose: string;
}

/**
 * A planned instance: as often as it is asked to, it runs a command in a new one.
 * What it keeps for the next is given back when it is disposed (with `using`, at
 * the end of the block) or nobody holds it any more, and nothing of it runs.
 */
export interface Plan extends Disposable {
  /** The system calls of a launch, one a line: what `--dry-run` prints. */
  readonly text: string;
  /** The same as data. */
  readonly steps: readonly Step[];
  run(command: Command, options?: RunOptions): Promise<Result>;
  spawn(command: Command, options?: SpawnOptions): Promise<Instance>;
  batch(
    commands: Iterable<Command> | AsyncIterable<Command>,
    options?: BatchOptions,
  ): AsyncGenerator<BatchResult, void, undefined>;
}

/** Why there is no instance: `Cannot ACTION OBJECT: STATE`. A command that ran and failed is a result, never an error. */
export declare class SelfdockError extends Error {
  /**
   * `usage`: an option is wrong. `launch`: the host or the kernel refuses.
   * `not-executable`: the command is there, but no program. `not-found`: there is no such command inside.
   */
  readonly code: "usage" | "launch" | "not-executable" | "not-found";
  /** What to do about it, where that is known. */
  readonly hint: string | null;
  /** What the command line exits with: 124, 124, 126, 127. */
  readonly exitStatus: 124 | 126 | 127;
}

/**
 * Runs a command in a new instance to its end. Rejects with a SelfdockError if it
 * did not start, and with the signal's reason if it was aborted; what the command
 * does is a result. Each turn of the event loop starts one.
 */
export declare function run(
  command: Command,
  options?: Options & RunOptions,
): Promise<Result>;

/** Starts a command in a new instance; fulfilled once the command is executed. */
export declare function spawn(
  command: Command,
  options?: Options & SpawnOptions,
): Promise<Instance>;

/**
 * Runs many commands, each in a new instance, some at once. The options are
 * checked and planned once. Leaving the loop kills what still runs.
 *
 *     for await (const { command, result, error } of batch(commands, { concurrency: 8 })) …
 */
export declare function batch(
  commands: Iterable<Command> | AsyncIterable<Command>,
  options?: Options & BatchOptions,
): AsyncGenerator<BatchResult, void, undefined>;

/**
 * Checks and plans an instance, and starts nothing. Throws a SelfdockError for
 * options that the command line would refuse.
 */
export declare function plan(options?: Options): Plan;
