/**
 * How long an import takes, and how much memory, against tar of the same run: a
 * tree of 200 MB in 6000 files, whole processes in turn. Prints the median time
 * of each and the largest memory that any process of it had. As root it starts
 * the commands as an ordinary user.
 *
 *     npx bun bench/import.ts [ROUNDS] [DIRECTORY]
 *
 * 2026-11-24, a virtual machine with 2 cores that had other work, Linux 6.18,
 * in memory (/dev/shm), 3 rounds; the 55 MiB of tar are Bun's, before its exec:
 *
 *     tar      tar -x           0.23 s    55 MiB
 *     tar      selfdock import  0.53 s    83 MiB
 *     tar.gz   tar -x           1.27 s    55 MiB
 *     tar.gz   selfdock import  0.92 s    86 MiB
 *     tar.zst  tar -x           0.48 s    55 MiB
 *     tar.zst  selfdock import  0.86 s    89 MiB
 *
 * On the disk (/var/tmp): tar 3.81 s, selfdock 4.67 s.
 */

import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "pathe";

const ROUNDS = Number(process.argv[2] ?? 5);
const PLACE = process.argv[3] ?? "/var/tmp";
const SELFDOCK = join(import.meta.dirname, "../dist/selfdock");
const FILES = 6000;
const BYTES = 200e6;
const AS_USER =
  process.getuid?.() === 0
    ? ["setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups"]
    : [];

/** What one run took. */
interface Cost {
  readonly seconds: number;
  /** The most that any process of it had. */
  readonly mebibytes: number;
}

function run(
  command: readonly string[],
  options: { cwd: string; input?: string },
): Cost {
  const start = Bun.nanoseconds();
  const { exitCode, resourceUsage } = Bun.spawnSync([...command], {
    stdio: [
      options.input === undefined ? "ignore" : openSync(options.input, "r"),
      "ignore",
      "inherit",
    ],
    cwd: options.cwd,
  });
  const seconds = (Bun.nanoseconds() - start) / 1e9;
  if (exitCode !== 0)
    throw new Error(`${command.join(" ")} ended with ${exitCode}`);
  return { seconds, mebibytes: resourceUsage.maxRSS / 2 ** 20 };
}

/** Half of it can be packed well, half not at all. */
function makeTree(tree: string): void {
  for (let at = 0; at < FILES; at++) {
    const directory = join(tree, `d${at % 100}`);
    mkdirSync(directory, { recursive: true });
    const content = Buffer.alloc(BYTES / FILES, `file ${at} `);
    crypto.getRandomValues(content.subarray(0, content.length / 2));
    writeFileSync(join(directory, `f${at}`), content);
  }
}

/** What unpacks which form. */
const TAR: Readonly<Record<string, readonly string[]>> = {
  tar: ["tar", "-x"],
  "tar.gz": ["tar", "-xz"],
  "tar.zst": ["tar", "-x", "--zstd"],
};

function unpack(command: readonly string[], input: string, cwd: string): Cost {
  mkdirSync(cwd);
  if (AS_USER.length > 0) chownSync(cwd, 1000, 1000);
  const cost = run([...AS_USER, ...command], { cwd, input });
  rmSync(cwd, { recursive: true });
  return cost;
}

/** Both in turn, so that what else the machine does falls on both. */
function compare(form: string, input: string, cwd: string): void {
  const contenders = [
    { name: "tar -x", command: TAR[form]!, costs: [] as Cost[] },
    {
      name: "selfdock import",
      command: [SELFDOCK, "import", "new"],
      costs: [] as Cost[],
    },
  ];
  for (let round = 0; round < ROUNDS; round++)
    for (const { command, costs } of contenders)
      costs.push(unpack(command, input, cwd));
  for (const { name, costs } of contenders) {
    const times = costs.map(({ seconds }) => seconds).toSorted((a, b) => a - b);
    const median = times[Math.floor(ROUNDS / 2)]!.toFixed(2);
    const most = Math.max(...costs.map(({ mebibytes }) => mebibytes)).toFixed(
      0,
    );
    console.log(
      `${form.padEnd(8)} ${name.padEnd(16)} ${median} s  ${most.padStart(4)} MiB`,
    );
  }
}

const room = mkdtempSync(join(PLACE, "selfdock-bench-"));
try {
  chmodSync(room, 0o755);
  makeTree(join(room, "tree"));
  const archives = {
    tar: "x.tar",
    "tar.gz": "x.tar.gz",
    "tar.zst": "x.tar.zst",
  };
  run(["tar", "-C", "tree", "-cf", "x.tar", "."], { cwd: room });
  run(["gzip", "-k", "x.tar"], { cwd: room });
  run(["zstd", "-qk", "x.tar"], { cwd: room });
  console.log(
    `${ROUNDS} rounds of ${BYTES / 1e6} MB in ${FILES} files, in ${PLACE}`,
  );
  for (const [form, file] of Object.entries(archives))
    compare(form, join(room, file), join(room, "target"));
} finally {
  rmSync(room, { recursive: true, force: true });
}
