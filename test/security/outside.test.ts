/** build makes, changes and removes no file or directory anywhere but in DIR. */

import { expect } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { hostWith } from "../harness/host.ts";
import { makeRoom, USER } from "../harness/room.ts";
import { busyboxRoot, rootOf } from "../harness/roots.ts";
import { runOutside } from "../harness/run.ts";
import { SUBORDINATE } from "../harness/subordinate.ts";
import { attack, control, type Way } from "./ring.ts";

/**
 * A host whose whole root is an overlay: its upper layer, seen at /made, is all
 * that is ever made, changed or removed there. What is new in it is printed.
 */
function watchedHost(): readonly string[] {
  const script = `
mount -t tmpfs -o mode=755 none "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" overlay "$1/root"
mkdir "$1/root/made"
mount --bind "$1/upper" "$1/root/made"
for place in proc dev; do mount --rbind "/$place" "$1/root/$place"; done
cd "$1/root"
mkdir .old
pivot_root . .old
umount -l /.old
rmdir /.old
for file in subuid subgid; do echo ${USER}:${SUBORDINATE.first}:${SUBORDINATE.count} > /etc/$file; done`;
  const look = `
look() { find /made -mindepth 1 ! -type d -printf '%p %T@ %s %U\\n' -o -mindepth 1 -printf '%p %m %U\\n' | sort; }
before=$(look); "$@"; status=$?; after=$(look)
printf '%s\\n' "$before" "$before" "$after" | sort | uniq -u
exit $status`;
  return [
    ...hostWith(script, [rootOf("outside")]),
    "/bin/bash",
    "-c",
    look,
    "look",
  ];
}

/** Lines of build, and whether their command makes a file in DIR. */
function lines(
  dir: string,
): readonly { readonly line: readonly string[]; readonly makes: boolean }[] {
  const room = makeRoom({ data: "text", d: { deep: "text" } });
  const make = ["sh", "-c", "mkdir -p /new/deep; echo x > /new/deep/file"];
  const data = join(room, "data");
  const good = [
    [],
    ["-m", room, "/etc", "-t", "", "/etc/d"],
    ["-v", room, "/etc", "--hide", "/etc/data"],
    ["-m", data, "/etc/file", "--init"],
    ["-C", "/etc", "--hostname", "x", "--net", "none"],
  ];
  const bad = [
    ["-m", room, "/missing/map", "-t", "", "/missing/tmp"],
    ["-m", data, "/missing/file", "--hide", "/missing/too"],
    ["-m", "/nowhere", "/etc"],
    ["-C", "/nowhere"],
  ];
  const odd = [
    ["/no/such/command"],
    ["sh", "-c", "touch /../../outside /proc/x /dev/x /tmp/x; mknod /n c 1 3"],
    ["sh", "-c", "ln -s /var/tmp /link; echo x > /link/x; kill -9 $$"],
  ];
  return [
    ...good.map((args) => ({ args, command: make, makes: true })),
    ...bad.map((args) => ({ args, command: make, makes: false })),
    ...odd.map((command) => ({ args: [], command, makes: false })),
  ].map(({ args, command, makes }) => ({
    line: ["-r", dir, ...args, "build", ...command],
    makes,
  }));
}

/** What of the listing is neither in DIR nor a directory on the way to it. */
function outside(listing: string, dir: string): readonly string[] {
  return listing.split("\n").filter((line) => {
    const [path = ""] = line.replace(/^\/made/, "").split(" ");
    return line.startsWith("/made/") && !`${path}/`.startsWith(`${dir}/`)
      ? !`${dir}/`.startsWith(`${path}/`)
      : false;
  });
}

async function expectInsideOnly(
  way: Way,
  more: readonly string[],
): Promise<void> {
  const dir = await busyboxRoot({ etc: { file: "x" } });
  const before = watchedHost();
  for (const { line, makes } of lines(dir)) {
    const { stdout } = await way.run([...more, ...line], { before });
    const made = stdout.includes(`/made${dir}/new/deep/file `);
    const seen = { line, made, outside: outside(stdout, dir) };
    expect(seen).toEqual({ line, made: makes, outside: [] });
  }
  expect(existsSync(join(dir, "new"))).toBe(false);
}

attack("A67", "build makes nothing anywhere outside DIR", (way) =>
  expectInsideOnly(way, []),
);

attack("A72", "neither does build --as-root", (way) =>
  expectInsideOnly(way, ["--as-root"]),
);

control("A67", "what is made on that host is seen", async () => {
  const result = await runOutside(
    ["/bin/sh", "-c", "echo x > /var/tmp/outside; mkdir /tmp/outside-too"],
    { before: watchedHost() },
  );
  const seen = outside(result.stdout, "/nowhere");
  expect(seen.filter((line) => line.includes("outside"))).toHaveLength(2);
});
