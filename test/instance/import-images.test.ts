/** Images as real tools write them become what buildah itself shows of them. */

import { beforeAll, describe, expect } from "bun:test";
import { chmodSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { ImageStorage } from "../harness/images.ts";
import { rootless } from "../harness/modes.ts";
import { rule } from "../harness/needs.ts";
import { makeRoom, USER } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";
import { SUBORDINATE, subordinateHost } from "../harness/subordinate.ts";
import { treeContent } from "../harness/tree-content.ts";

const NEEDS = [
  "root",
  "program:buildah",
  "program:skopeo",
  "program:podman",
] as const;

const FIRST = `
mkdir -p bin etc/dir var/lib/old usr/lib "name with spaces"
cp /bin/busybox bin/busybox; ln -s busybox bin/sh; chmod 4755 bin/busybox
echo a > etc/a; ln etc/a etc/a2; echo gone > etc/gone; echo old > etc/dir/old
echo x > var/lib/old/x; ln -s /etc/a usr/lib/absolute; ln -s nowhere usr/lib/dangling
mkfifo etc/fifo; touch "$(printf 'n\\303\\266')"; chown 33:34 etc/a; chown -h 5:6 usr/lib/dangling
long=$(printf '%0200d' 7); mkdir -p "$long/$long"; echo deep > "$long/$long/$long"
`;
const SECOND = `
rm etc/gone etc/dir/old; echo new > etc/dir/new
rm -r var/lib/old; mkdir var/lib/old; echo y > var/lib/old/y
rm -r usr/lib; ln -s ../etc usr/lib; mkdir -p usr/share; chown 7:8 usr/share
echo 'new busybox' >> bin/busybox; chmod 2755 bin; touch -d 2001-02-03T04:05:06 bin/busybox
`;
const THIRD = `
rm etc/a; mkdir etc/a; echo in > etc/a/in; rm usr/lib; mkdir usr/lib; echo z > usr/lib/z
chmod 0555 usr/lib usr; chmod 0 etc/dir; chmod 1777 var; chmod 0750 .
`;

const archives = makeRoom();
const at = (name: string) => join(archives, name);
/** Where each tool writes it. */
const FORMS = {
  "docker-archive of buildah": "docker.tar",
  "oci-archive of buildah": "oci.tar",
  "OCI directory of buildah": "oci",
  "oci-archive of skopeo, packed with zstd": "zstd.tar",
  "docker-archive of skopeo, packed with gzip as a whole": "docker.tar.gz",
  "docker-archive of podman save": "podman.tar",
} as const;
/** The tree that buildah shows. */
const shown = { path: "" };

beforeAll(async () => {
  if (process.getuid!() !== 0 || Bun.which("buildah") === null) return;
  const storage = new ImageStorage();
  await storage.build("one", "scratch", FIRST);
  await storage.build("two", "one", SECOND);
  await storage.build(
    "three",
    "two",
    THIRD,
    "--env",
    "A=b c",
    "--workingdir",
    "/etc",
    "--entrypoint",
    '["/bin/sh", "-c"]',
    "--cmd",
    "id -u",
  );
  await storage.write(
    "three",
    `docker-archive:${at("docker.tar")}:test/three:3`,
  );
  await storage.write("three", `oci-archive:${at("oci.tar")}:three`);
  await storage.write("three", `oci:${at("oci")}:three`);
  await storage.save("three", at("podman.tar"));
  const script = `
    skopeo --insecure-policy copy -q --dest-compress-format zstd oci:oci:three oci-archive:zstd.tar:three
    skopeo --insecure-policy copy -q oci:oci:three docker-archive:again.tar:test/three:3
    gzip -c again.tar > docker.tar.gz; rm again.tar; chmod -R a+rX .`;
  const copied = await runOutside(["/bin/sh", "-ec", script], {
    user: 0,
    cwd: archives,
    timeout: 60,
  });
  expect(copied).toMatchObject({ status: 0, stderr: "" });
  shown.path = await storage.mount("three");
}, 120_000);

/** `inside` is how an id is called in an instance of --as-root. */
function inside(id: number): number {
  return id === USER ? 0 : id - SUBORDINATE.first + 1;
}

/** Opens the archive as standard input, be it a file or a directory. */
function importFrom(
  name: string,
  words: readonly string[],
  cwd: string,
  before: readonly string[] = [],
) {
  return rootless.run(words, { cwd, before, open: [[0, at(name)]] });
}

describe("an image of three layers", () => {
  for (const [form, name] of Object.entries(FORMS)) {
    rule(
      `${form}: ids are squashed, and all else is as buildah shows it`,
      NEEDS,
      async () => {
        const room = makeRoom();
        const { status, stderr } = await importFrom(
          name,
          ["import", "new"],
          room,
        );
        expect({ status, stderr }).toEqual({
          status: 0,
          stderr:
            "selfdock: warning: left out: the setuid and setgid bits of files, 2 times\n",
        });
        expect(readdirSync(room).toSorted()).toEqual(["new", "new.image.json"]);
        const comparison = { owner: null, modes: 0o1777 };
        expect(treeContent(join(room, "new"), comparison)).toEqual(
          treeContent(shown.path, comparison),
        );
      },
    );
    rule(
      `${form}: owners and set-id bits are kept with --as-root`,
      NEEDS,
      async () => {
        const room = makeRoom();
        chmodSync(room, 0o700);
        const { status, stderr } = await importFrom(
          name,
          ["import", "--as-root", "new"],
          room,
          subordinateHost(),
        );
        expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
        const own = (id: number) => id;
        expect(
          treeContent(join(room, "new"), { owner: inside, modes: 0o7777 }),
        ).toEqual(treeContent(shown.path, { owner: own, modes: 0o7777 }));
      },
    );
  }
  rule(
    "set-id bits are dropped where others can reach them",
    NEEDS,
    async () => {
      const room = makeRoom();
      const { stderr } = await importFrom(
        "docker.tar",
        ["import", "--as-root", "new"],
        room,
        subordinateHost(),
      );
      expect(stderr).toBe(
        "selfdock: warning: left out: the setuid and setgid bits of files, 2 times\n",
      );
      expect(statSync(join(room, "new/bin/busybox")).mode & 0o7777).toBe(0o755);
    },
  );
});
