/** Which mounts of a table a path can lead to. */

import { expect, test } from "bun:test";
import {
  isCover,
  parseMounts,
  pathOnHost,
  visibleMounts,
} from "../../../src/plan/mount-table.ts";
import { b } from "./samples.ts";

const HOST = b(`20 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
21 20 0:21 / /proc rw,nosuid - proc proc rw
22 20 254:1 / /home rw - ext4 /dev/vdb rw
23 20 254:2 /a /srv rw shared:2 master:3 - ext4 /dev/vdc ro
24 23 0:30 / /srv rw - tmpfs tmpfs rw
`);

const INSIDE =
  b(String.raw`1449 1291 254:0 / / ro,nosuid,nodev - ext4 /dev/vda rw
1451 1449 0:21 / /proc ro,nosuid - proc proc rw
1452 1451 0:31 /directory /proc ro - tmpfs none rw,size=0k,nr_inodes=0,mode=755
1453 1452 0:32 / /proc rw,nosuid - proc none rw
1454 1451 0:33 / /proc/hidden rw - tmpfs none rw
1455 1449 254:1 /u/my\040files /mnt rw,nosuid - ext4 /dev/vdb rw
1456 1449 0:31 /file /etc/x ro - tmpfs none rw,size=0k
1457 1449 0:34 / /tmp rw - tmpfs none rw,size=262144k
`);

test("what another mount lies upon is not seen, nor what is below it", () => {
  const places = visibleMounts(parseMounts(INSIDE)).map(
    ({ id, place }) => `${id} ${place}`,
  );
  expect(places).toEqual([
    "1449 /",
    "1453 /proc",
    "1455 /mnt",
    "1456 /etc/x",
    "1457 /tmp",
  ]);
});

test("read-only is the mount's or the filesystem's", () => {
  const readOnly = parseMounts(HOST).map((mount) => mount.readOnly);
  expect(readOnly).toEqual([false, false, false, true, false]);
});

test("covers are the empty ones of ours", () => {
  const covers = parseMounts(INSIDE).filter(isCover);
  expect(covers.map(({ id }) => id)).toEqual([1452, 1456]);
});

test("the host's path of a mount is where the host shows it", () => {
  const host = parseMounts(HOST);
  const inside = parseMounts(INSIDE);
  const path = (id: number) =>
    pathOnHost(
      inside.find((mount) => mount.id === id)!,
      host,
    );
  expect(path(1449)).toBe(b("/"));
  expect(path(1455)).toBe(b("/home/u/my files"));
  expect(path(1457)).toBeNull();
  // /srv itself is covered on the host by what was mounted on it later.
  const [, , , srv] = host;
  expect(pathOnHost(srv!, host)).toBeNull();
});

test("a table that is none, or goes in circles, gives nothing and ends", () => {
  expect(visibleMounts(parseMounts(b("")))).toEqual([]);
  expect(visibleMounts(parseMounts(b("no mount\n1 2 3\n")))).toEqual([]);
  const circle = b("1 2 0:1 / / rw - a b rw\n2 1 0:1 / / rw - a b rw\n");
  expect(visibleMounts(parseMounts(circle))).toEqual([]);
});
