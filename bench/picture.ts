/**
 * The picture of README: a shell in which an ordinary user types the lines of
 * picture.table.ts, as this machine answers. Run by root: `npx bun bench/picture.ts`.
 */

import { join } from "node:path";
import { runOutside } from "../test/harness/run.ts";
import { exampleHost, HOME, PROJECT } from "../test/examples/host.ts";
import { PICTURE } from "./picture.table.ts";

const MARK = "== typed";
const LINE = 19;
const COLUMN = 8.1;
const MARGIN = 18;
const COLUMNS = 80;

interface Line {
  readonly typed: boolean;
  readonly text: string;
}

/** What the terminal shows in the end. */
async function record(): Promise<readonly Line[]> {
  const script = PICTURE.map(
    (line) => `echo '${MARK}'; { ${line}; } 2>&1 </dev/null`,
  ).join("\n");
  const { stdout } = await runOutside(["/bin/bash", "-c", script], {
    cwd: PROJECT,
    env: { HOME },
    before: exampleHost(),
  });
  const answers = stdout.split(`${MARK}\n`).slice(1);
  return PICTURE.flatMap((line, at) => [
    { typed: true, text: `$ ${line}` },
    ...(answers[at] ?? "")
      .trim()
      .split("\n")
      .filter((text) => text !== "")
      .map((text) => ({ typed: false, text: text.replaceAll("\t", "  ") })),
  ]);
}

function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

function render(lines: readonly Line[]): string {
  const width = Math.round(2 * MARGIN + COLUMNS * COLUMN);
  const height = 2 * MARGIN + LINE * lines.length;
  const texts = lines.map(({ typed, text }, at) => {
    const y = MARGIN + LINE * at + 14;
    return `  <text class="${typed ? "typed" : "said"}" x="${MARGIN}" y="${y}" xml:space="preserve">${escape(text)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="A terminal: what selfdock answers to ${PICTURE.length} commands">
  <style>
    rect { fill: #0d1117; }
    text { font: 13.5px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
    .typed { fill: #7ee787; font-weight: bold; }
    .said { fill: #e6edf3; }
  </style>
  <rect width="${width}" height="${height}" rx="8"/>
${texts.join("\n")}
</svg>
`;
}

await Bun.write(join(import.meta.dir, "picture.svg"), render(await record()));
process.exit(0);
