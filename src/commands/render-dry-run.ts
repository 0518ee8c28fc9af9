/** `--dry-run`: the Programs that would be played, in words, step by step, or as JSON. */

import { version } from "../../package.json";
import { renderParts } from "../../syscalls/render-parts.ts";
import type {
  RenderedOperand,
  RenderedPart,
  RenderedStep,
} from "../../syscalls/render-parts.ts";
import { renderProgram } from "../../syscalls/render.ts";
import { showBytes, type Bytes } from "../plan/bytes.ts";
import type { Facts } from "../plan/facts.ts";
import { planInstance, type Launch } from "../plan/plan-instance.ts";
import { planStarter } from "../plan/starter/starter-executable.ts";
import type { Request } from "../plan/request.ts";
import type { DryRun } from "./invocation.ts";
import { REASONS, type Player, type Reason } from "./reasons.table.ts";
import { wrapText } from "./wrap-text.ts";

const WIDTH = 80;

const HEADINGS: Readonly<Record<Player, string>> = {
  launcher: "In selfdock itself",
  instance: "In the new process",
  starter: "The starter, which the new process executes",
};

/** Calls that change nothing that the command could notice. */
const HOUSEKEEPING: ReadonlySet<string> = new Set([
  "close",
  "dup3",
  "exit_group",
  "faccessat",
  "fcntl",
  "getdents64",
  "getpgid",
  "getpid",
  "read",
  "readlinkat",
  "statx",
  "write",
]);

/** Said for every call, or nothing to a reader at a glance. */
const NOISE =
  /CLOEXEC|^AT_|EMPTY_PATH|^NULL$|^STATX_|^[0&]|^O_PATH$|^RESOLVE_|^FSCONFIG_SET/;

export function renderDryRun(
  form: DryRun,
  request: Request,
  facts: Facts,
): string {
  const { uid, gid } = facts.caller;
  return renderLaunch(form, planInstance(request, facts), {
    title: "A new instance for:",
    command: request.command,
    mode: facts.mode,
    who: `uid ${uid}, gid ${gid}`,
    notes: NOTHING_DONE,
    frame: null,
  });
}

/** Of a launch that is only printed. */
export const NOTHING_DONE: readonly string[] = [
  "none has been taken",
  "all steps: --dry-run=steps; for programs: --dry-run=json",
];

/** What is told of a launch besides its steps. */
export interface About {
  readonly title: string;
  readonly command: readonly Bytes[];
  readonly mode: Facts["mode"];
  /** Whose it is. */
  readonly who: string;
  /** Of the steps as a whole, and a line of its own for each other one. */
  readonly notes: readonly string[];
  /** The Program around it, in a baked file. */
  readonly frame: Launch["program"] | null;
}

/** The Programs of a launch that was planned. */
export function renderLaunch(
  form: DryRun,
  { program, starter }: Pick<Launch, "program" | "starter">,
  about: About,
): string {
  const second = planStarter(starter);
  const { mode, frame } = about;
  if (form === "steps") {
    const around =
      frame === null
        ? ""
        : `\n# What plays them, and supervises:\n${renderProgram(frame)}`;
    return `${renderProgram(program)}\n# The starter, a program of its own at pid 1:\n${renderProgram(second)}${around}`;
  }
  const parts = renderParts(program).map(withReason("instance"));
  const last = renderParts(second).map(withReason("starter"));
  if (form === "json") {
    const programs = [
      { name: "launch", parts },
      { name: "starter", parts: last },
      ...(frame === null ? [] : [{ name: "frame", parts: renderParts(frame) }]),
    ];
    return `${JSON.stringify({ selfdock: version, mode, programs }, null, 1)}\n`;
  }
  const steps = program.steps.length + second.steps.length;
  return `${renderWords([...parts, ...last], about, steps)}\n`;
}

/** A part with why it is there. */
type Explained = Omit<Reason, "reason"> &
  RenderedPart & { readonly reason: string | null };

const ROWS = REASONS.map((row) => ({
  row,
  pattern: new RegExp(
    `^${row.action.replaceAll(/[()]/g, String.raw`\$&`).replaceAll("…", "[^]*")}$`,
  ),
}));

/** The row of a part. */
export function findReason(action: string): Reason | undefined {
  return ROWS.find(({ pattern }) => pattern.test(action))?.row;
}

function withReason(otherwise: Player): (part: RenderedPart) => Explained {
  return ({ action, steps }) => {
    const { by = otherwise, reason = null } = findReason(action) ?? {};
    return { action, by, reason, steps };
  };
}

const WAYS: Readonly<Record<Facts["mode"], string>> = {
  rootless: "rootless, by a user namespace",
  privileged: "with root's privilege, given up before the command runs",
};

function renderWords(
  parts: readonly Explained[],
  { title, command, mode, who, notes }: About,
  steps: number,
): string {
  const words = command.map((word) => showBytes(word)).join(" ");
  const [note, ...more] = notes;
  const lines = [
    ...wrapText(`${title} ${words}`, WIDTH),
    `${WAYS[mode]}; ${who}`,
    `${steps} steps in ${parts.length} parts; ${note}`,
    ...more,
  ];
  let by: Player | null = null;
  for (const [at, part] of parts.entries()) {
    if (part.action === parts[at - 1]?.action) continue;
    if (part.by !== by) lines.push("", `${HEADINGS[part.by]}:`);
    by = part.by;
    lines.push(...renderPart(part));
  }
  return lines.join("\n");
}

function renderPart({ action, reason, steps }: Explained): readonly string[] {
  const calls = sketchCalls(steps);
  return [
    ...indent(`${steps[0]?.index}`.padStart(5), action),
    ...(reason === null ? [] : indent("", reason, 4)),
    ...(calls === "" ? [] : indent("", calls, 4)),
  ];
}

function indent(label: string, text: string, more = 0): readonly string[] {
  const margin = " ".repeat(7 + more);
  return wrapText(text, WIDTH - margin.length).map((line, at) =>
    at === 0 ? `${label.padEnd(margin.length)}${line}` : `${margin}${line}`,
  );
}

/** The telling calls of a part by their names, flags and texts. */
function sketchCalls(steps: readonly RenderedStep[]): string {
  const sketches = steps
    .filter(({ call }) => call !== null && !HOUSEKEEPING.has(call))
    .map(({ call, operands }) => {
      const words = operands.map(sketchOperand).filter((word) => word !== "");
      return breakLong(`${call}(${words.join(",")})`);
    });
  return [...new Set(sketches)].join(" ");
}

/** With a space where a line may end, if it is too long for one. */
function breakLong(sketch: string): string {
  const at = sketch.lastIndexOf("|", 66) + 1;
  return sketch.length <= 68 || at === 0
    ? sketch
    : `${sketch.slice(0, at)} ${sketch.slice(at)}`;
}

function sketchOperand(operand: RenderedOperand): string {
  if (typeof operand !== "object") return "";
  if ("text" in operand) return operand.text === "" ? "" : `"${operand.text}"`;
  if ("meaning" in operand) return shorten(operand.meaning);
  if ("data" in operand && /^\{[A-Z]+_/.test(operand.data))
    return shorten(operand.data.replaceAll(/^\{|, .*|\}$/g, ""));
  return "";
}

/** Flags of one family, named once: `MS_REC|SLAVE`. */
function shorten(meaning: string): string {
  const [first = "", ...more] = meaning
    .split("|")
    .filter((flag) => !NOISE.test(flag));
  const family = /^(?:MOUNT_ATTR|MFD|F_SEAL|MOVE_MOUNT|[A-Z]+)_/.exec(first);
  const rest = more.map((flag) =>
    family !== null && flag.startsWith(family[0])
      ? flag.slice(family[0].length)
      : flag,
  );
  return [first, ...rest].join("|");
}
