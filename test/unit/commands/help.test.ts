/** Help: complete, in 80 columns, and every example is a line that selfdock takes. */

import { describe, expect, test } from "bun:test";
import {
  COMMANDS,
  type CommandName,
} from "../../../src/commands/commands.table.ts";
import { renderHelp } from "../../../src/commands/help.ts";
import type { HelpTopic } from "../../../src/commands/invocation.ts";
import { OPTIONS, type Option } from "../../../src/commands/options.table.ts";
import { renderVersion } from "../../../src/commands/version.ts";
import { parse } from "./lines.ts";

const TOPICS: readonly ("selfdock" | Exclude<CommandName, "help">)[] = [
  "selfdock",
  ...COMMANDS.map(({ name }) => name).filter((name) => name !== "help"),
];

/** The words of an example, as a shell with plain and single-quoted words has them. */
function splitExample(line: string): readonly string[] {
  const words = line.match(/(?:'[^']*'|[^\s'])+/g) ?? [];
  const redirected = words.findIndex((word) => /^\d?</.test(word));
  return (redirected < 0 ? words : words.slice(0, redirected)).map((word) =>
    word.replaceAll("'", "").replace(/^~/, "/home/me"),
  );
}

/** Whether the short name of an option stands for it after this command. */
function isMeant(row: Option, topic: (typeof TOPICS)[number]): boolean {
  if (topic === "selfdock") return true;
  const meant = OPTIONS.find(
    ({ short, commands }: Option) =>
      short === row.short && commands.includes(topic),
  );
  return meant === undefined || meant === row;
}

describe.each(TOPICS)("help on %s", (topic) => {
  const text = renderHelp(topic, false);
  const lines = text.split("\n");

  test("fits 80 columns of ASCII and ends with one line feed", () => {
    expect(
      lines.filter((line) => line.length > 80 || /[^ -~]/.test(line)),
    ).toEqual([]);
    expect(lines.filter((line) => line.endsWith(" "))).toEqual([]);
    expect(text).toMatch(/[^\n]\n$/);
  });

  test("names every option of its command and no other", () => {
    for (const row of OPTIONS as readonly Option[]) {
      const { name, commands } = row;
      const short = isMeant(row, topic) ? row.short : null;
      const named = lines.some((line) =>
        [" ", "["].some((end) =>
          line.startsWith(
            `  ${short === null ? "    " : `-${short}, `}--${name}${end}`,
          ),
        ),
      );
      expect([name, named]).toEqual([
        name,
        topic === "selfdock" || commands.includes(topic),
      ]);
    }
  });

  test("tells the exit statuses", () => {
    expect(text).toContain("\nExit status:\n");
    expect(text).toMatch(/^ {2}124 /m);
  });

  test("differs with colours by them alone", () => {
    expect(renderHelp(topic, true)).toContain("\x1b[1mUsage:\x1b[22m");
    expect(Bun.stripANSI(renderHelp(topic, true))).toBe(text);
  });
});

/** What the help on a topic has behind its heading. */
function examplesIn(topic: HelpTopic): string {
  const text = renderHelp(topic, false);
  return text.slice(text.indexOf("\nExamples:\n"));
}

test("every command is in an example of the whole help, every option in one of its commands'", () => {
  for (const { name, short, commands } of OPTIONS as readonly Option[]) {
    const topics = commands.filter((command) => command !== "help");
    const examples = ["selfdock" as const, ...topics].map(examplesIn).join();
    const words = [
      new RegExp(`--${name}[ \n=]`),
      ...(short === null ? [] : [new RegExp(` -${short} `)]),
    ];
    expect([name, words.some((word) => word.test(examples))]).toEqual([
      name,
      true,
    ]);
  }
  for (const { name } of COMMANDS) {
    if (name === "help") continue;
    expect(examplesIn("selfdock")).toContain(` ${name}`);
    expect(examplesIn(name)).toContain(` ${name}`);
  }
});

test("the help of a command shows no other's examples", () => {
  expect(examplesIn("install")).not.toContain("apt-get");
  expect(examplesIn("selfdock").split("\n").length).toBeLessThan(60);
});

test("every example is a line that selfdock takes", () => {
  const examples = [...COMMANDS, ...OPTIONS].flatMap(
    (row: { readonly examples: readonly { readonly line: string }[] }) =>
      row.examples,
  );
  for (const { line } of examples) {
    const [program, ...words] = splitExample(line);
    expect(program).toBe("selfdock");
    expect(parse(...words)).toHaveProperty("kind");
  }
});

test("the version is one line", () => {
  expect(renderVersion()).toMatch(/^selfdock \d+\.\d+\.\d+\S*\n$/);
});
