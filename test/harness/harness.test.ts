/** The harness keeps what it promises; a ring of tests is worth no more than this. */

import { expect, test } from "bun:test";
import { lstatSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { helper } from "./helpers.ts";
import { changedHost, chrootHost, hostWith } from "./host.ts";
import { rule } from "./needs.ts";
import { entry, link, makeRoom } from "./room.ts";
import { runOutside } from "./run.ts";

rule(
  "a program starts as the ordinary user, with no groups and no capabilities",
  ["root"],
  async () => {
    // Not dash, which empties the signal mask.
    const script =
      'id -u; id -g; id -G; grep -E "Cap(Eff|Prm|Inh)" /proc/self/status';
    const result = await runOutside(["/bin/sh", "-c", script]);
    expect(result.stdout.replaceAll("\t", " ")).toBe(
      `1000\n1000\n1000\n${["Inh", "Prm", "Eff"].map((set) => `Cap${set}: 0000000000000000\n`).join("")}`,
    );
  },
);

rule(
  "status, signal, output and input are those of the program",
  ["root"],
  async () => {
    expect(
      await runOutside(["/bin/sh", "-c", "cat; echo oops >&2; exit 7"], {
        stdin: "in",
      }),
    ).toMatchObject({
      status: 7,
      signal: null,
      stdout: "in",
      stderr: "oops\n",
    });
    expect(await runOutside(["/bin/sh", "-c", "kill -SEGV $$"])).toMatchObject({
      status: null,
      signal: "SIGSEGV",
    });
  },
);

rule(
  "bytes that are not UTF-8 reach the program as they are",
  ["root"],
  async () => {
    const result = await runOutside([
      "/usr/bin/printf",
      "%s",
      Uint8Array.of(0x61, 0xff, 0x80),
    ]);
    expect([...result.stdoutBytes]).toEqual([0x61, 0xff, 0x80]);
  },
);

rule(
  "groups, limits, signals, umask, nice and closed descriptors are as asked",
  ["root"],
  async () => {
    // Not dash, which empties the signal mask.
    const script =
      'id -G; ulimit -n; umask; nice; [ -e /proc/$$/fd/0 ] || echo closed; readlink /proc/$$/fd/7; exec grep -E "Sig(Ign|Blk)" /proc/self/status';
    const result = await runOutside(["/bin/bash", "-c", script], {
      groups: [1000, 27],
      limits: [[7, 99, 100]],
      umask: "077",
      nice: 3,
      ignore: [3],
      block: [10],
      close: [0],
      open: [[7, "/etc"]],
    });
    expect(result.stdout).toBe(
      "1000 27\n99\n0077\n3\nclosed\n/etc\nSigBlk:\t0000000000000200\nSigIgn:\t0000000000000004\n",
    );
  },
);

test("a room holds what its description says", () => {
  const room = makeRoom({
    a: "text",
    b: { c: link("../a"), d: entry({ mode: 0o4711, text: "" }) },
  });
  expect(readlinkSync(join(room, "b/c"))).toBe("../a");
  expect(lstatSync(join(room, "b/d")).mode & 0o7777).toBe(0o4711);
  expect(lstatSync(join(room, "a")).mode & 0o7777).toBe(0o644);
});

rule("the mounts of a test's host are nobody else's", ["root"], async () => {
  const room = makeRoom();
  const before = hostWith('mount -t tmpfs none "$1"; echo seen > "$1/file"', [
    room,
  ]);
  expect((await runOutside(["/bin/ls", room], { before })).stdout).toBe(
    "file\n",
  );
  expect((await runOutside(["/bin/ls", room])).stdout).toBe("");
});

rule("a changed host has other files than this one", ["root"], async () => {
  const before = changedHost("echo changed > /etc/selfdock-test");
  const control = await runOutside(["/bin/cat", "/etc/selfdock-test"]);
  expect(control.status).toBe(1);
  expect(
    await runOutside(["/bin/cat", "/etc/selfdock-test"], { before }),
  ).toMatchObject({ stdout: "changed\n" });
});

rule("user namespaces can be forbidden in four ways", ["root"], async () => {
  const enter = [
    "/usr/bin/unshare",
    "--user",
    "--map-current-user",
    "--mount",
    "true",
  ];
  expect((await runOutside(enter)).status).toBe(0);
  expect((await runOutside(enter, { before: chrootHost() })).status).toBe(1);
  for (const forbid of [
    "by a limit of 0",
    "by a filter, as container engines do",
    "by taking their rights, as AppArmor does",
  ] as const) {
    expect((await runOutside(enter, { forbid })).status).toBe(1);
  }
});

rule(
  "the watcher sees a file that its command makes, and nothing of others",
  ["root"],
  async () => {
    const room = makeRoom();
    const before = [
      "unshare",
      "--pid",
      "--fork",
      "--mount-proc",
      helper("watch"),
    ];
    const seen = await runOutside(
      ["/bin/sh", "-c", `echo > ${room}/made-here`],
      { before },
    );
    expect(seen.stdout).toContain("made-here");
    const quiet = await runOutside(["/bin/true"], { before });
    expect(quiet.stdout).toBe("ended 0\n");
  },
);
