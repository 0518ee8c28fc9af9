/**
 * Help texts, from the citty tree and the tables. citty's own rendering knows
 * neither groups nor the width of a terminal, so the layout is made here.
 */

import type { ArgDef, CommandDef } from "citty";
import {
  COMMANDS,
  type CommandName,
  type CommandRow,
} from "./commands.table.ts";
import {
  BATCH_EXIT_STATUSES,
  DOCTOR_EXIT_STATUSES,
  EXIT_STATUSES,
  INSTANCE,
  OWN_EXIT_STATUSES,
  SIGNALS,
  WRITING,
  type Section,
} from "./help.table.ts";
import { LAUNCH_USAGE } from "./launch-usage.ts";
import { GUIDES } from "./guides.table.ts";
import {
  GENERATED,
  GUIDE_NAMES,
  type GuideName,
  type HelpTopic,
} from "./invocation.ts";
import { GROUPS, OPTIONS, type Example, type Option } from "./options.table.ts";
import { ROOT, SUBCOMMANDS } from "./tree.ts";
import { wrapCommand } from "./wrap-command.ts";
import { wrapText } from "./wrap-text.ts";

const WIDTH = 80;
const INDENT = "  ";

/** Two columns; an empty first column leaves the second the whole width. */
function renderRows(rows: Section["rows"]): readonly string[] {
  const first = Math.max(...rows.map(([label]) => label.length));
  const margin = INDENT.length + (first === 0 ? 0 : first + 2);
  return rows.flatMap(([label, text]) =>
    wrapText(text, WIDTH - margin).map((line, at) =>
      at === 0
        ? `${INDENT}${label}`.padEnd(margin) + line
        : " ".repeat(margin) + line,
    ),
  );
}

function renderSection(
  { title, rows }: Section,
  colour: boolean,
): readonly string[] {
  if (rows.length === 0) return [];
  return [...renderHeading(title, colour), ...renderRows(rows)];
}

function renderHeading(title: string, colour: boolean): readonly string[] {
  return ["", colour ? `\x1b[1m${title}:\x1b[22m` : `${title}:`];
}

/** `-m, --map SRC DST`, long names under one another. */
function renderLabel(name: string, argument: ArgDef): string {
  const alias = "alias" in argument ? argument.alias : undefined;
  const short = typeof alias === "string" ? `-${alias}, ` : "    ";
  return `${short}--${name}${argument.valueHint ?? ""}`;
}

/** The options of a command by group; all labels of a text are equally wide. */
function optionSections(command: CommandDef): readonly Section[] {
  const options = Object.entries(command.args as Record<string, ArgDef>).map(
    ([name, argument]) => ({
      name,
      label: renderLabel(name, argument),
      text: argument.description ?? "",
    }),
  );
  const width = Math.max(...options.map(({ label }) => label.length));
  const groupOf = new Map<string, string>(
    OPTIONS.map(({ name, group }) => [name, group]),
  );
  return GROUPS.map((group) => ({
    title: `${group} options`,
    rows: options
      .filter(({ name }) => groupOf.get(name) === group)
      .map(({ label, text }) => [label.padEnd(width), text] as const),
  }));
}

/** Examples are too long for a second column: the text stands above the line. */
function renderExamples(
  examples: readonly Example[],
  colour: boolean,
): readonly string[] {
  if (examples.length === 0) return [];
  const lines = examples.flatMap(({ line, text }) => [
    ...wrapText(`# ${text}`, WIDTH - INDENT.length),
    ...wrapCommand(line, WIDTH - INDENT.length),
  ]);
  return [
    ...renderHeading("Examples", colour),
    ...lines.map((line) => INDENT + line),
  ];
}

/** The command of a line: the first word that names one, or null. */
function commandOf(line: string): string | null {
  const names = new Set<string>(COMMANDS.map(({ name }) => name));
  return line.split(" ").find((word) => names.has(word)) ?? null;
}

/** What the help of a command shows; that of the whole program (null) shows one use of each. */
function examplesOf(name: CommandName | null): readonly Example[] {
  const own = COMMANDS.flatMap(({ examples }) => examples);
  const others = OPTIONS.flatMap((option: Option) => option.examples);
  const shown = ({ line }: Example) => commandOf(line) === name;
  return name === null
    ? [...own, ...others.filter(shown)]
    : [...own, ...others].filter(shown);
}

function renderTop(colour: boolean): readonly string[] {
  const usage = [
    LAUNCH_USAGE,
    ...COMMANDS.filter(({ name }) => name !== "run" && name !== "build").map(
      (row) => `selfdock ${row.usage}`,
    ),
  ];
  const sections: readonly Section[] = [
    { title: "Usage", rows: usage.map((line) => ["", line]) },
    {
      title: "Commands",
      rows: COMMANDS.map(({ name, summary }) => [name, summary]),
    },
    ...optionSections(ROOT),
    WRITING,
    INSTANCE,
    SIGNALS,
    EXIT_STATUSES,
    {
      title: "Topics of help",
      rows: [
        ...GUIDE_NAMES.map((name) => [name, GUIDES[name].title] as const),
        [GENERATED.join(", "), "the man page, and completions of these shells"],
      ],
    },
  ];
  const { description } = ROOT.meta as { description: string };
  return [
    `selfdock: ${description}`,
    ...sections.flatMap((section) => renderSection(section, colour)),
    ...renderExamples(examplesOf(null), colour),
  ];
}

function renderCommand(row: CommandRow, colour: boolean): readonly string[] {
  const launches = row.name === "run" || row.name === "build";
  const sections: readonly Section[] = [
    { title: "Usage", rows: [["", `selfdock ${row.usage}`]] },
    { title: "Description", rows: [["", row.help]] },
    ...optionSections(SUBCOMMANDS[row.name]),
    ...(launches
      ? [WRITING, INSTANCE, SIGNALS, EXIT_STATUSES]
      : row.name === "batch"
        ? [WRITING, INSTANCE, BATCH_EXIT_STATUSES]
        : [row.name === "doctor" ? DOCTOR_EXIT_STATUSES : OWN_EXIT_STATUSES]),
  ];
  return [
    `selfdock ${row.name}: ${row.summary}`,
    ...sections.flatMap((section) => renderSection(section, colour)),
    ...renderExamples(examplesOf(row.name), colour),
  ];
}

function renderGuide(name: GuideName, colour: boolean): readonly string[] {
  const { title, text, examples } = GUIDES[name];
  return [
    title,
    ...text.flatMap((paragraph) => ["", ...wrapText(paragraph, WIDTH)]),
    ...renderExamples(examples, colour),
  ];
}

/** The help on a topic, for standard output; ends with a line feed. */
export function renderHelp(topic: HelpTopic, colour: boolean): string {
  const row = COMMANDS.find(({ name }) => name === topic);
  const guide = GUIDE_NAMES.find((name) => name === topic);
  const lines =
    row !== undefined
      ? renderCommand(row, colour)
      : guide !== undefined
        ? renderGuide(guide, colour)
        : renderTop(colour);
  return `${lines.join("\n")}\n`;
}
