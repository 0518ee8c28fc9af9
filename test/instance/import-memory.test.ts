/** A large image takes little memory, and tells on a terminal how far it is. */

import { expect } from "bun:test";
import { closeSync, openSync, readdirSync, writeSync } from "node:fs";
import { join } from "node:path";
import { sha256, tar, tarBody } from "../harness/archives.ts";
import { rule } from "../harness/needs.ts";
import { plainProgram } from "../harness/program.ts";
import { makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";

const MIB = 2 ** 20;
const MOST = 150;

/** Runs a line of shell; the largest memory that any process of it had, in bytes. From a process that is small itself. */
const MEASURE = `
import resource, subprocess, sys
subprocess.run(["/bin/sh", "-ec", *sys.argv[1:]], check=True)
print(1024 * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
`;

/** An image of two layers of 100 MB, as docker save writes it. */
function writeImage(path: string): void {
  const layers = [1, 2].map((at) => {
    const data = Buffer.alloc(1e7, `${at} some text `);
    crypto.getRandomValues(data.subarray(0, 65_536));
    return tar(
      Array.from({ length: 10 }, (_, part) => ({
        name: `${at}/${part}`,
        data,
      })),
    );
  });
  const config = JSON.stringify({
    rootfs: { diff_ids: layers.map((layer) => `sha256:${sha256(layer)}`) },
  });
  const manifest = [
    {
      Config: `${sha256(config)}.json`,
      RepoTags: ["big:1"],
      Layers: ["1.tar", "2.tar"],
    },
  ];
  const file = openSync(path, "w");
  for (const [at, data] of layers.entries())
    writeSync(
      file,
      tarBody([{ name: at === 0 ? "repositories" : "2.tar", data }]),
    );
  writeSync(
    file,
    tarBody([{ name: "1.tar", type: "2", link: "repositories" }]),
  );
  writeSync(
    file,
    tar([
      { name: `${sha256(config)}.json`, data: config },
      { name: "manifest.json", data: JSON.stringify(manifest) },
    ]),
  );
  closeSync(file);
}

rule(
  "200 MB in less than 150 MiB of memory: from a file, a pipe and packed",
  ["root"],
  async () => {
    const source = makeRoom();
    writeImage(join(source, "image.tar"));
    const lines = [
      '"$0" import new < "$1/image.tar"',
      'cat "$1/image.tar" | "$0" import new',
      'gzip -1c "$1/image.tar" | "$0" import new',
      'zstd -qc "$1/image.tar" | "$0" import new',
    ];
    for (const line of lines) {
      const cwd = makeRoom();
      const command = [
        "/usr/bin/python3",
        "-c",
        MEASURE,
        line,
        plainProgram(),
        source,
      ];
      const made = await runOutside(command, { cwd });
      expect(made).toMatchObject({ status: 0, stderr: "" });
      expect(readdirSync(join(cwd, "new")).toSorted()).toEqual(["1", "2"]);
      expect(Number(made.stdout) / MIB).toBeLessThan(MOST);
      console.log(
        `${line.slice(0, 14)}...: ${Math.round(Number(made.stdout) / MIB)} MiB`,
      );
      await runOutside(["/bin/rm", "-r", join(cwd, "new")], { user: 0 });
    }
    const cwd = makeRoom();
    const words = [
      "/usr/bin/script",
      "-qec",
      `${plainProgram()} import new < ${source}/image.tar`,
      "/dev/null",
    ];
    const shown = await runOutside(words, { cwd });
    expect(shown.status).toBe(0);
    expect(shown.stdout).toMatch(
      /\r\x1b\[\?7lselfdock: importing \[#*\.*\] \d+ MiB of \d+\x1b\[K\x1b\[\?7h/,
    );
    expect(shown.stdout.endsWith("\r\x1b[K")).toBe(true);
  },
);
