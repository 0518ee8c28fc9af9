/** `explain INSTANCE`: what is shared and what is not, as the instance itself finds it. */

import { expect } from "bun:test";
import { forEachMode } from "../harness/modes.ts";
import { makeRoom } from "../harness/room.ts";
import { started } from "./entered.ts";

interface Told {
  readonly own: readonly string[];
  readonly shared: readonly string[];
  readonly interfaces: readonly string[];
  readonly capabilities: readonly string[];
  readonly noNewPrivileges: boolean;
  readonly filters: number;
  readonly limits: readonly string[];
  readonly terminal: string | null;
  readonly entered: number;
  readonly places: readonly {
    readonly place: string;
    readonly access: string;
    readonly from: string;
  }[];
}

forEachMode((mode) => {
  mode.rule("what it tells of an instance is what is", async () => {
    const room = makeRoom({ data: { file: "text" } });
    const binds = ["-v", room, "/mnt", "-m", "/etc", "/srv"];
    const options =
      "--net none --hostname inside --ulimit nofile=64 -t size=1m /opt";
    const words = [...options.split(" "), ...binds, "run", "sleep", "60"];
    const running = await started(mode, words);
    const pid = String(running.pid);
    const told = JSON.parse(
      await mode.output(["explain", "--json", pid]),
    ) as Told;
    const own = ["pid", "mnt", "ipc", "net", "uts"];
    expect(told.own.toSorted()).toEqual(
      (mode.name === "setuid" ? own : [...own, "user"]).toSorted(),
    );
    expect(told).toMatchObject({
      interfaces: ["lo"],
      capabilities: [],
      noNewPrivileges: true,
      filters: 1,
      terminal: null,
      entered: 0,
    });
    expect(told.limits).toContain("open files 64");
    for (const row of [
      { place: "/", access: "read-only", from: "the host's /" },
      { place: "/mnt", access: "writable", from: `the host's ${room}` },
      { place: "/srv", access: "read-only", from: "the host's /etc" },
      {
        place: "/opt",
        access: "writable",
        from: "its own memory, size=1024k",
      },
      { place: "/proc", access: "writable", from: "its own proc" },
    ])
      expect(told.places).toContainEqual(row);
    // What it calls writable can be written, and the rest cannot.
    const writable = told.places.flatMap(({ place, access }) =>
      access === "writable" && ["/mnt", "/opt", "/tmp"].includes(place)
        ? [place]
        : [],
    );
    expect(writable.toSorted()).toEqual(["/mnt", "/opt", "/tmp"]);
    const script =
      "for d in /mnt /opt /tmp / /srv; do touch $d/x && echo $d; done 2>/dev/null; :";
    expect(await mode.output(["enter", pid, "sh", "-c", script])).toBe(
      "/mnt\n/opt\n/tmp\n",
    );
    const text = await mode.output(["explain", pid]);
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(text).toContain("  network       its own: lo\n");
    expect(text).toContain("  /srv          read-only, the host's /etc\n");
    expect(text).toMatch(/^ {2}covered +[1-9][0-9]* places/m);
  });

  mode.rule("with --init it tells of the init's rights", async () => {
    const name = `explained-${process.pid}`;
    await started(mode, ["run", "--init", "--name", name, "sleep", "60"]);
    const words = await mode.output(["explain", name]);
    expect(words).toStartWith(`Instance ${name} of user 1000, made `);
    expect(words).toContain("processes 2\n");
    expect(words).toContain("  capabilities  none, in no set\n");
  });

  mode.rule("another user's is not explained", async () => {
    const name = `private-${process.pid}`;
    const theirs = await started(
      mode,
      ["run", "--name", name, "sleep", "60"],
      1001,
    );
    const result = await mode.run(["explain", String(theirs.pid)]);
    expect(result).toMatchObject({ status: 124, stdout: "" });
    const named = await mode.run(["explain", name]);
    expect(named).toMatchObject({ status: 124, stdout: "" });
  });
});
