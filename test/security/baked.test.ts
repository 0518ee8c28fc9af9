/** Baked files: what they show, what bake writes over, and what explain believes. */

import { expect } from "bun:test";
import {
  copyFileSync,
  existsSync,
  lstatSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { baked } from "../harness/bake.ts";
import { hostWith } from "../harness/host.ts";
import { makeRoom } from "../harness/room.ts";
import { rootOf } from "../harness/roots.ts";
import { runOutside } from "../harness/run.ts";
import { attack, control, expectRefusal } from "./ring.ts";

/** Mounts over a directory that was there when the file was baked, and below it. */
const LATER = [
  'mount -t tmpfs later "$1/place"',
  'echo secret > "$1/place/secret"',
  'mkdir "$1/place/deep" && mount --bind "$1/place" "$1/place/deep"',
].join("\n");

attack(
  "A91",
  "what is mounted on the root after the baking is covered",
  async () => {
    const room = makeRoom({ place: {} });
    const script = `cat ${room}/place/secret; find ${room}`;
    const file = baked(["run", "sh", "-c", script]);
    const before = hostWith(LATER, [room]);
    const { stdout } = await runOutside([file], { before });
    expect(stdout).toBe(`${room}\n${room}/place\n`);
  },
);

control("A91", "outside it is there", async () => {
  const room = makeRoom({ place: {} });
  const before = hostWith(LATER, [room]);
  const line = ["/bin/cat", `${room}/place/secret`];
  expect((await runOutside(line, { before })).stdout).toBe("secret\n");
});

attack(
  "A91",
  "what a mount hid when it was baked, and is gone, is as the host shows it",
  async () => {
    const room = makeRoom({ place: { below: "below" } });
    const hidden = hostWith(LATER, [room]);
    const file = baked(["run", "ls", `${room}/place`]);
    expect((await runOutside([file], { before: hidden })).stdout).toBe("");
    expect((await runOutside([file])).stdout).toBe("below\n");
  },
);

attack(
  "A92",
  "no link is followed, and nothing of root's is written",
  async (way) => {
    const room = makeRoom({ target: "mine" });
    const roots = rootOf("roots");
    writeFileSync(join(roots, "file"), "root's");
    symlinkSync(join(roots, "file"), join(room, "to root's"));
    symlinkSync(join(roots, "new"), join(room, "to nothing"));
    symlinkSync("target", join(room, "to mine"));
    for (const name of [
      "to root's",
      "to nothing",
      "to mine",
      join(roots, "file"),
      join(roots, "new"),
      "/etc/passwd",
      "/dev/null",
    ])
      expectRefusal(
        await way.run(["bake", "-o", name, "run", "true"], { cwd: room }),
      );
    expect(readFileSync(join(roots, "file"), "utf8")).toBe("root's");
    expect(readFileSync(join(room, "target"), "utf8")).toBe("mine");
    expect(existsSync(join(roots, "new"))).toBe(false);
    const made = await way.run(["bake", "-o", "target", "run", "id", "-u"], {
      cwd: room,
      umask: "0",
    });
    expect(made).toMatchObject({ status: 0, stdout: "" });
    const { uid, gid, mode } = lstatSync(join(room, "target"));
    expect({ uid, gid, mode: mode & 0o7777 }).toEqual({
      uid: 1000,
      gid: 1000,
      mode: 0o755,
    });
  },
);

/** Changes to the bytes of a file that was baked. */
const CHANGES: Readonly<Record<string, (bytes: Buffer) => Uint8Array>> = {
  "a word of the note": (bytes) => {
    bytes[bytes.lastIndexOf("harmless")] = 0x48;
    return bytes;
  },
  "a record": (bytes) => {
    bytes[bytes.length >> 1]! ^= 1;
    return bytes;
  },
  "the machine code": (bytes) => {
    bytes[240] = 0xcc;
    return bytes;
  },
  "the entry": (bytes) => {
    bytes[24]! ^= 8;
    return bytes;
  },
  "one byte more": (bytes) => Buffer.concat([bytes, Buffer.from([0])]),
  "one byte less": (bytes) => bytes.subarray(0, -1),
  "half of it": (bytes) => bytes.subarray(0, bytes.length / 2),
  "its headers alone": (bytes) => bytes.subarray(0, 240),
  "very many headers": (bytes) => {
    bytes.writeUInt16LE(0xffff, 56);
    return bytes;
  },
  "headers elsewhere": (bytes) => {
    bytes.writeBigUInt64LE(2n ** 63n, 32);
    return bytes;
  },
};

attack(
  "A93",
  "a file that was changed is told from one that was not",
  async (way) => {
    const room = makeRoom();
    const mark = join(room, "mark");
    const line = [
      "-v",
      room,
      room,
      "run",
      "sh",
      "-c",
      `echo harmless > ${mark}`,
    ];
    const file = baked(line);
    const copy = join(room, "copy");
    copyFileSync(file, copy);
    const whole = await way.run(["explain", copy]);
    expect(whole).toMatchObject({ status: 0, stderr: "" });
    expect(whole.stdout).toContain(`selfdock --vol ${room} ${room} run sh -c`);
    for (const change of Object.values(CHANGES)) {
      writeFileSync(copy, change(readFileSync(file)));
      expectRefusal(await way.run(["explain", copy]));
    }
    for (const other of [
      "/bin/sh",
      "/etc/passwd",
      "/dev/zero",
      "/etc",
      room,
      join(room, "nothing"),
      way.program(),
    ])
      expectRefusal(await way.run(["explain", other]));
    expect(existsSync(mark)).toBe(false);
  },
);
