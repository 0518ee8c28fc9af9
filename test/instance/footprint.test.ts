/** After the end nothing is left, and no disk was touched at any time. */

import { expect } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { helper } from "../harness/helpers.ts";
import { hostWith } from "../harness/host.ts";
import { forEachMode } from "../harness/modes.ts";
import { processesWith, waitUntil } from "../harness/processes.ts";
import { makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";

/** Creates, modifies, deletes and changes of attributes on the root filesystem by a command and its children. */
async function diskEvents(command: readonly string[]): Promise<string> {
  const before = [
    "unshare",
    "--pid",
    "--fork",
    "--mount-proc",
    helper("watch"),
  ];
  const result = await runOutside(command, { before });
  expect(result.stderr).toBe("");
  return result.stdout;
}

const quietly = (command: string): readonly string[] => [
  "/bin/sh",
  "-c",
  `exec ${command} > /dev/null 2>&1`,
];

forEachMode((mode) => {
  mode.rule(
    "a fanotify mark on the root filesystem sees no create, no change, no delete",
    async () => {
      const room = makeRoom({ source: {}, place: {} });
      const program = mode.program();
      for (const args of [
        "run true",
        "run sh -c 'echo > /tmp/x; echo > /dev/shm/y; cp /bin/true /x; mkdir -p /etc/z'",
        `-m ${room}/source ${room}/place/a/b/c -m /etc/issue ${room}/place/file run ls`,
        "-m /etc /no/such/place run true",
        `run ${program} run true`,
        "--as-root --hide /etc --hostname h run true",
        "--as-root build sh -c 'mount -t tmpfs none /mnt; touch /mnt/x'",
        "run /no/such/command",
        "--no-such-option",
        "--help",
        "--dry-run run true",
      ]) {
        expect(
          `${args}: ${await diskEvents(quietly(`${program} ${args}`))}`,
        ).not.toContain("event");
      }
      // The control: the same watcher sees what a volume takes.
      expect(
        await diskEvents(
          quietly(`${program} -v ${room} /srv run touch /srv/written`),
        ),
      ).toContain("written");
    },
  );

  mode.rule("0 inputs and 0 outputs with a warm cache", async () => {
    const options = { cwd: "/" };
    await mode.run(["run", "sh", "-c", "echo > /tmp/x"], options);
    const run = await mode.run(["run", "sh", "-c", "echo > /tmp/x"], options);
    expect(run.blocks).toEqual({ in: 0, out: 0 });
    // The control: a file on the disk counts.
    const room = makeRoom();
    const write = await mode.run([
      "-v",
      room,
      "/srv",
      "run",
      "sh",
      "-c",
      "head -c 65536 /dev/zero > /srv/file; sync /srv/file",
    ]);
    expect(write.blocks.out).toBeGreaterThan(0);
  });

  mode.rule(
    "no mount is left on the host, in success or failure, of any propagation",
    async () => {
      const room = makeRoom({ source: {} });
      const script = `
umask 077
count() { cat /proc/self/mountinfo | md5sum; }
before=$(count)
for args in "run true" "run false" "run /1" "-m ${room}/source /a/b/c run true" "-m /no/such /a run true" "-r /etc run true"; do
  setpriv --reuid 1000 --regid 1000 --clear-groups "$0" $args 2>/dev/null
  [ "$(count)" = "$before" ] || echo "changed by $args"
done
echo checked`;
      for (const propagation of ["private", "shared"] as const) {
        const result = await runOutside(
          ["/bin/sh", "-c", script, mode.program()],
          { user: 0, before: hostWith("", [], propagation) },
        );
        expect(result.stdout).toBe("checked\n");
      }
    },
  );

  mode.rule(
    "no process is left, whether it ends well, fails or is killed",
    async () => {
      const mark = `7${Math.floor(Math.random() * 1e9)}.5`;
      await mode.run(["run", "sh", "-c", `sleep ${mark} & exit 3`]);
      expect(processesWith(mark)).toEqual([]);
      const running = mode.start([
        "run",
        "sh",
        "-c",
        `sleep ${mark} & echo ready; wait`,
      ]);
      await waitUntil("it runs", () => running.stdout() === "ready\n");
      running.kill("SIGKILL");
      await running.ended;
      await waitUntil(
        "all are gone",
        () => processesWith(mark).length === 0,
        3,
      );
    },
  );

  mode.rule(
    "no file is left in /tmp, /var/tmp, /dev/shm, /run or the caller's directories",
    async () => {
      const room = makeRoom();
      const list = (): string =>
        ["/tmp", "/dev/shm", "/run", "/var/lock", room]
          .map((place) => readdirSync(place).join(" "))
          .join("\n");
      const before = list();
      const options = {
        cwd: room,
        env: {
          HOME: room,
          TMPDIR: room,
          XDG_RUNTIME_DIR: room,
          XDG_CACHE_HOME: room,
        },
      };
      await mode.output(["run", "true"], options);
      await mode.run(["run", "/1"], options);
      await mode.run(["nonsense"], options);
      expect(list()).toBe(before);
      expect(readFileSync(join("/proc/self/mountinfo"), "utf8")).not.toContain(
        "selfdock",
      );
    },
  );
});
