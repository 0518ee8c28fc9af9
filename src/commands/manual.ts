/** The man page, from the same tables as the help texts: `selfdock help man > selfdock.1`. */

import { version } from "../../package.json";
import { RELEASED } from "./version.ts";
import { COMMANDS } from "./commands.table.ts";
import { LAUNCH_USAGE } from "./launch-usage.ts";
import { GUIDES } from "./guides.table.ts";
import {
  BATCH_EXIT_STATUSES,
  DOCTOR_EXIT_STATUSES,
  ENVIRONMENT,
  EXIT_STATUSES,
  FILES,
  INSTANCE,
  SIGNALS,
  WRITING,
} from "./help.table.ts";
import type { Section } from "./help.table.ts";
import { wrapCommand } from "./wrap-command.ts";
import { wrapText } from "./wrap-text.ts";
import { renderOption } from "./usage-error.ts";
import { GROUPS, OPTIONS, type Example, type Option } from "./options.table.ts";

/** Text for roff: nothing in it is a request, an escape or a hyphen of the typesetter's. */
function escapeRoff(text: string): string {
  return text
    .replaceAll("\\", String.raw`\e`)
    .replaceAll("-", String.raw`\-`)
    .replaceAll("~", String.raw`\(ti`)
    .replaceAll("^", String.raw`\(ha`)
    .replaceAll("'", String.raw`\(aq`)
    .replaceAll("`", String.raw`\(ga`)
    .replace(/^\./, String.raw`\&.`);
}

function heading(level: "SH" | "SS", title: string): string {
  return `.${level} "${escapeRoff(title)}"`;
}

/** Lines of text; roff fills them anew. */
function filled(text: string): readonly string[] {
  return wrapText(text, 60).map(escapeRoff);
}

/** A tagged paragraph. */
function tagged(tag: string, text: string): readonly string[] {
  return [".TP", `\\fB${escapeRoff(tag)}\\fR`, ...filled(text)];
}

function section({ title, rows }: Section): readonly string[] {
  return [
    heading("SH", title.toUpperCase()),
    ...rows.flatMap(([label, text]) => tagged(label, text)),
  ];
}

function examples(rows: readonly Example[]): readonly string[] {
  return rows.flatMap(({ line, text }) => [
    ".PP",
    ...filled(text),
    ".PP",
    ".RS 4",
    ".nf",
    ...wrapCommand(line, 66).map(escapeRoff),
    ".fi",
    ".RE",
  ]);
}

function renderOptionTag(option: Option): string {
  const long = renderOption(option);
  return option.short === null ? long : `-${option.short}, ${long}`;
}

/** In roff, for `man -l`; ends with a line feed. */
export function renderManual(): string {
  const lines = [
    `.TH SELFDOCK 1 "${RELEASED}" "selfdock ${version}"`,
    heading("SH", "NAME"),
    String.raw`selfdock \- process and filesystem isolation for one\-off commands`,
    heading("SH", "SYNOPSIS"),
    escapeRoff(LAUNCH_USAGE),
    ...COMMANDS.filter(
      ({ name }) => name !== "run" && name !== "build",
    ).flatMap(({ usage }) => [".br", escapeRoff(`selfdock ${usage}`)]),
    heading("SH", "COMMANDS"),
    ...COMMANDS.flatMap(({ name, help, summary }) =>
      tagged(name, help || `${summary}.`),
    ),
    heading("SH", "OPTIONS"),
    ...GROUPS.flatMap((group) => [
      heading("SS", group),
      ...OPTIONS.filter((option: Option) => option.group === group).flatMap(
        (option: Option) => tagged(renderOptionTag(option), option.help),
      ),
    ]),
    ...[WRITING, INSTANCE, SIGNALS, EXIT_STATUSES].flatMap(section),
    ...[
      { ...BATCH_EXIT_STATUSES, title: "Exit status of batch" },
      { ...DOCTOR_EXIT_STATUSES, title: "Exit status of doctor" },
    ].flatMap(section),
    ...[ENVIRONMENT, FILES].flatMap(section),
    heading("SH", "EXAMPLES"),
    ...Object.values(GUIDES).flatMap((guide) => [
      heading("SS", guide.title),
      ...guide.text.flatMap((text, at) => [
        ...(at === 0 ? [] : [".PP"]),
        ...filled(text),
      ]),
      ...examples(guide.examples),
    ]),
    heading("SH", "SEE ALSO"),
    ...filled(
      "unshare(1), bwrap(1), systemd-nspawn(1), user_namespaces(7), mount_namespaces(7), pid_namespaces(7), seccomp(2)",
    ),
  ];
  return `${lines.join("\n")}\n`;
}
