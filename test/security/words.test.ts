/** What a caller writes: bytes, variables, control characters, lengths. */

import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";
import type { Word } from "../harness/start-records.ts";
import { attack, expectRefusal } from "./ring.ts";

const bytes = (...words: readonly (string | number)[]): Uint8Array =>
  Buffer.concat(
    words.map((word) =>
      typeof word === "number" ? Buffer.of(word) : Buffer.from(word),
    ),
  );

const STRANGE: readonly Word[] = [
  "DUP=1",
  "DUP=2",
  "NOEQUALS",
  "=leading",
  "",
  bytes("B=", 0xff, 0xfe),
  "PATH=/usr/bin:/bin",
  "DUP=3",
  "A==",
  `BIG=${"x".repeat(100_000)}`,
];

const CAT = ["run", "cat", "/proc/self/environ"];

attack(
  "A17",
  "two names that decode to the same text stay two",
  async (way) => {
    const room = makeRoom();
    // The bytes FF FE, and the replacement characters that a decoder makes of them.
    const script = `cd "$1"; mkdir "$(printf '\\377\\376')" "$(printf '\\357\\277\\275\\357\\277\\275')"; echo bytes > "$(printf '\\377\\376')/which"; echo replaced > "$(printf '\\357\\277\\275\\357\\277\\275')/which"`;
    await runOutside(["/bin/bash", "-c", script, "bash", room]);
    for (const [name, want] of [
      [bytes(0xff, 0xfe), "bytes\n"],
      [bytes("\ufffd\ufffd"), "replaced\n"],
    ] as const) {
      const source = bytes(`${room}/`, ...name);
      for (const option of ["-m", "-v"])
        expect(
          (await way.run([option, source, "/mnt", "run", "cat", "/mnt/which"]))
            .stdout,
        ).toBe(want);
      expect(
        (
          await way.run([
            "-m",
            room,
            "/srv",
            "run",
            "cat",
            bytes("/srv/", ...name, "/which"),
          ])
        ).stdout,
      ).toBe(want);
      const placed = await way.run([
        "-m",
        join(room),
        bytes("/mnt/", ...name),
        "run",
        "ls",
        bytes("/mnt/", ...name),
      ]);
      expect(placed.status).toBe(0);
      expect(
        (await way.run(["-C", source, "run", "cat", "which"])).stdout,
      ).toBe(want);
    }
  },
);

attack(
  "A17",
  "every byte but NUL reaches the command as it is",
  async (way) => {
    const all = Uint8Array.from({ length: 255 }, (_, index) => index + 1);
    expect([
      ...(await way.run(["run", "printf", "%s", all])).stdoutBytes,
    ]).toEqual([...all]);
  },
);

attack(
  "A18",
  "a strange environment arrives byte for byte and in order",
  async (way) => {
    const want = Buffer.concat(
      STRANGE.map((word) =>
        Buffer.concat([Buffer.from(word as string), Buffer.of(0)]),
      ),
    );
    expect(
      (await way.run(CAT, { env: STRANGE })).stdoutBytes.equals(want),
    ).toBe(true);
  },
);

attack("A18", "-e and -E reach every double, and nothing else", async (way) => {
  const seen = async (...args: readonly string[]) =>
    (await way.run([...args, ...CAT], { env: STRANGE })).stdoutBytes
      .toString("latin1")
      .split("\0");
  const set = await seen("-e", "DUP", "new");
  expect(set.filter((each) => each.startsWith("DUP="))).toEqual(["DUP=new"]);
  expect(
    (await seen("-E", "DUP")).filter((each) => each.startsWith("DUP")),
  ).toEqual([]);
  expect(
    (await seen("-E", "B")).filter((each) => each.startsWith("B=")),
  ).toEqual([]);
  expect(set).toContain("NOEQUALS");
  expect(set.some((each) => each.startsWith("BIG="))).toBe(true);
  for (const args of [
    ["-e", "", "x"],
    ["-e", "A=B", "x"],
    ["-E", ""],
    ["-E", "A=B"],
  ])
    expectRefusal(await way.run([...args, "run", "true"]));
});

attack(
  "A19",
  "a message is one line without control characters, whatever is in the words",
  async (way) => {
    const evil =
      "/no\u001b]0;pwn\u0007\nselfdock: ok\r\u001b[2J\u007f\u0085\u202e";
    for (const args of [
      ["-m", evil, "/mnt", "run", "true"],
      ["-m", "/etc", evil, "run"],
      ["-r", evil, "run", "true"],
      ["-C", evil, "run", "true"],
      ["-t", evil, "/mnt", "run", "true"],
      [evil],
      [`--${evil}`],
      ["-e", `${evil}=`, "x", "run", "true"],
      [`--keep-fd=${evil}`, "run", "true"],
      ["-v", bytes("/no", 0xff, 0x9b, 0x1b, "x"), "/mnt", "run", "true"],
      ["help", evil],
      ["install", "--mode", evil],
    ] as readonly (readonly Word[])[]) {
      const result = await way.run(args);
      expect(result.status).toBe(124);
      expect(result.stderr).toMatch(
        /^selfdock: [^\x00-\x1f\x7f-\x9f\u202e]*\n(selfdock: hint: [^\x00-\x1f\x7f-\x9f\u202e]*\n)?$/,
      );
    }
    const missing = await way.run(["run", evil]);
    expect(missing.status).toBe(127);
    expect(missing.stderr.trimEnd()).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/);
  },
);

attack(
  "A20",
  "10,000 maps are made, or refused with a reason, in good time",
  async (way) => {
    const mounts = () =>
      readFileSync("/proc/self/mounts", "latin1").split("\n").length;
    const before = mounts();
    for (const count of [100, 1000, 10_000]) {
      const started = performance.now();
      const args = Array.from({ length: count }, () => [
        "-m",
        "/etc",
        "/mnt",
      ]).flat();
      const result = await way.run([...args, "run", "echo", "ran"], {
        timeout: 60,
      });
      if (result.status === 0) expect(result.stdout).toBe("ran\n");
      else expectRefusal(result);
      expect(performance.now() - started).toBeLessThan(20_000);
    }
    expect(mounts()).toBe(before);
  },
);

attack(
  "A20",
  "paths and arguments at the kernel's limits are taken or refused",
  async (way) => {
    for (const length of [4094, 4095, 4096, 5000, 100_000]) {
      const path = `/${"a/".repeat(length / 2)}`.slice(0, length);
      for (const args of [
        ["-m", path, "/mnt"],
        ["-m", "/etc", path],
        ["-r", path],
        ["-C", path],
        ["-t", "", path],
      ]) {
        const result = await way.run([...args, "run", "echo", "ran"]);
        if (result.status === 0) expect(result.stdout).toBe("ran\n");
        else expectRefusal(result);
      }
      expect([126, 127]).toContain((await way.run(["run", path])).status!);
    }
    const long = "x".repeat(131_071);
    expect((await way.run(["run", "echo", long])).stdout).toBe(`${long}\n`);
    const name = await way.run([
      "-m",
      "/etc",
      `/mnt/${"n".repeat(256)}`,
      "run",
      "true",
    ]);
    expectRefusal(name);
  },
);
