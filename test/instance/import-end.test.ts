/** The end of an import at any moment, and what it finds of others that ended so. */

import { expect } from "bun:test";
import {
  closeSync,
  constants,
  openSync,
  readdirSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { dockerImage, tar } from "../harness/archives.ts";
import { forEachMode, rootless, type Mode } from "../harness/modes.ts";
import {
  commandLine,
  descendants,
  processIsAlive,
  waitUntil,
} from "../harness/processes.ts";
import { entry, link, makeRoom } from "../harness/room.ts";
import { runOutside, type Running } from "../harness/run.ts";

const LAYER = tar([{ name: "file", data: "x" }]);
const IMAGE = dockerImage([LAYER]);

/** Begins an import that waits for the rest of its archive. */
async function beginImport(
  mode: Mode,
): Promise<{ cwd: string; running: Running; extractor: number }> {
  const cwd = makeRoom();
  const archive = join(cwd, "archive");
  const made = await runOutside(["/usr/bin/mkfifo", archive], { cwd });
  expect(made.status).toBe(0);
  const fifo = openSync(archive, constants.O_RDWR);
  const running = mode.start(["import", "new"], {
    cwd,
    open: [[0, archive, constants.O_RDWR]],
  });
  writeSync(fifo, tar([{ name: "a/file", data: "x" }]).subarray(0, 1024));
  await waitUntil("the file is there", () =>
    readdirSync(cwd, { recursive: true }).some((name) =>
      String(name).endsWith("a/file"),
    ),
  );
  closeSync(fifo);
  const extractor = descendants(running.pid).find((pid) =>
    commandLine(pid).startsWith("/tmp/selfdock "),
  );
  return { cwd, running, extractor: extractor! };
}

forEachMode((mode) => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const)
    mode.rule(`${signal} ends it, and nothing is left`, async () => {
      const { cwd, running } = await beginImport(mode);
      running.kill(signal);
      const { signal: died, stderr } = await running.ended;
      expect({ died, stderr }).toEqual({ died: signal, stderr: "" });
      expect(readdirSync(cwd)).toEqual(["archive"]);
    });

  mode.rule(
    "killed itself, it leaves an empty directory that the next import removes",
    async () => {
      const { cwd, running, extractor } = await beginImport(mode);
      running.kill("SIGKILL");
      await running.ended;
      await waitUntil(
        "the extractor has ended",
        () => !processIsAlive(extractor),
      );
      const [first, ...others] = readdirSync(cwd)
        .filter((name) => name !== "archive")
        .toSorted();
      expect(first).toMatch(/^new\.partial-[0-9a-f]{8}$/);
      expect(others).toEqual([`${first}.json`]);
      expect(readdirSync(join(cwd, first!))).toEqual([]);
      const made = await mode.run(["import", "new"], { cwd, stdin: IMAGE });
      expect(made).toMatchObject({ status: 0, stderr: "" });
      expect(readdirSync(cwd).toSorted()).toEqual([
        "archive",
        "new",
        "new.image.json",
      ]);
    },
  );

  mode.rule("a killed extractor is told, and nothing is left", async () => {
    const { cwd, running, extractor } = await beginImport(mode);
    process.kill(extractor, "SIGKILL");
    const { status, stderr } = await running.ended;
    expect(status).toBe(124);
    expect(stderr).toBe(
      "selfdock: Cannot import: the extractor was killed by signal 9\n",
    );
    expect(readdirSync(cwd)).toEqual(["archive"]);
  });

  mode.rule(
    "another import of the same directory, at the same time, is left alone",
    async () => {
      const { cwd, running } = await beginImport(mode);
      const made = await mode.run(["import", "new"], { cwd, stdin: IMAGE });
      expect(made).toMatchObject({ status: 0, stderr: "" });
      expect(
        readdirSync(cwd).filter((name) => /partial-[0-9a-f]{8}$/.test(name)),
      ).toHaveLength(1);
      running.kill("SIGTERM");
      await running.ended;
      expect(readdirSync(cwd).toSorted()).toEqual([
        "archive",
        "new",
        "new.image.json",
      ]);
    },
  );
});

rootless.rule(
  "what only looks like one that was left is not touched",
  async () => {
    const cwd = makeRoom({
      "new.partial-00000000": { mine: "" },
      "new.partial-11111111": entry({
        tree: { theirs: "" },
        owner: 0,
        mode: 0o777,
      }),
      "new.partial-22222222": link("new.partial-00000000"),
      "new.partial-33333333": "file",
      "new.partial-xyz": {},
    });
    const before = readdirSync(cwd, { recursive: true }).map(String);
    const made = await rootless.run(["import", "new"], { cwd, stdin: LAYER });
    expect(made).toMatchObject({ status: 0, stderr: "" });
    const after = readdirSync(cwd, { recursive: true }).map(String);
    expect(before.filter((name) => !after.includes(name))).toEqual([]);
  },
);
