/**
 * A host on which every example has what it takes: roots, volumes, sources,
 * image archives, and stand-ins for the programs of other projects. All of it
 * lies in memory, in a mount namespace of the test's own.
 */

import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dockerImage, sha256, tar } from "../harness/archives.ts";
import { changedHost } from "../harness/host.ts";
import { plainProgram } from "../harness/program.ts";
import { makeRoom, USER } from "../harness/room.ts";
import { SUBORDINATE } from "../harness/subordinate.ts";

export const HOME = "/home/me";
export const PROJECT = `${HOME}/project`;

const MAKEFILE = `all: hello
hello: hello.c
	cc -o hello hello.c
test check: all
	./hello > tested
sub:
	+echo "$(MAKEFLAGS)" > flags; make -f /dev/null --version > /dev/null
.PHONY: all test check sub
`;

/** Stand-ins: what the example needs of a program that is not on this machine. */
const PROGRAMS: Readonly<Record<string, string>> = {
  // docker save NAME, docker export NAME: archives as docker writes them.
  docker: `case $1 in save) cat /srv/archives/alpine.tar ;; export) cat /srv/archives/root.tar ;; esac`,
  // srun COMMAND: on this machine.
  srun: `exec "$@"`,
  // The first stage: files of other owners, which takes subordinate ids, and a second stage.
  debootstrap: `for directory; do :; done
mkdir -p "$directory/debootstrap" "$directory/bin" "$directory/proc" "$directory/dev" "$directory/tmp" "$directory/usr/bin"
cp /bin/busybox "$directory/bin/busybox"; ln -s busybox "$directory/bin/sh"; ln -s busybox "$directory/bin/cat"
cp /srv/second-stage "$directory/debootstrap/debootstrap"
echo secret > "$directory/shadow"; chown 0:42 "$directory/shadow"`,
};

/** What the first stage leaves for the second. */
const SECOND_STAGE = `#!/bin/sh
[ "$container" = lxc ] && echo configured > /configured
`;

function writeArchives(directory: string): void {
  const links = ["sh", "ls", "echo", "cat", "touch"].map((name) => ({
    name: `bin/${name}`,
    type: "2",
    link: "busybox",
  }));
  const layer = tar([
    { name: "bin/busybox", data: readFileSync("/bin/busybox"), mode: 0o755 },
    { name: "bin/make", data: "#!/bin/sh\necho made > made\n", mode: 0o755 },
    ...links,
    ...["dev/", "proc/", "tmp/", "etc/"].map((name) => ({ name, type: "5" })),
    { name: "dev/console", type: "3" },
  ]);
  const config = { Env: ["PATH=/bin"], Cmd: ["echo", "from the image"] };
  const write = (name: string, bytes: Uint8Array) =>
    writeFileSync(join(directory, name), bytes);
  const image = (name: string, platform = "amd64") =>
    dockerImage([layer], {
      configText: JSON.stringify({
        os: "linux",
        architecture: platform,
        config,
        rootfs: { type: "layers", diff_ids: [`sha256:${sha256(layer)}`] },
      }),
      names: [name],
    });
  write("alpine.tar", image("alpine:latest"));
  write("images.tar", image("app:2"));
  write("app.tar", image("app:latest", "arm64"));
  write("root.tar", layer);
}

const PROJECT_FILES = {
  "hello.c": '#include <stdio.h>\nint main() { return puts("hello") < 0; }\n',
  Makefile: MAKEFILE,
  "big.txt": "b\na\n",
  file: "what is in the file\n",
  "a.log": "a",
  "b.log": "b",
  "package.json": '{"scripts":{"test":"echo tested > tested"}}',
  step: '#!/bin/sh\necho "step in $PWD" > done\n',
};

let made: string | undefined;

/** What is the same for all examples, made once. */
function material(): string {
  if (made !== undefined) return made;
  made = makeRoom({ bin: {}, archives: {}, project: PROJECT_FILES });
  writeArchives(join(made, "archives"));
  for (const [name, script] of Object.entries(PROGRAMS))
    writeFileSync(join(made, "bin", name), `#!/bin/sh\n${script}\n`);
  writeFileSync(join(made, "second-stage"), SECOND_STAGE);
  copyFileSync("/bin/busybox", join(made, "busybox"));
  return made;
}

/**
 * As `before` of a start: on this host, or on the tree ROOT, with PROGRAM as
 * selfdock. The network is the example's own, its loopback up.
 */
export function exampleHost(
  root = "/",
  program = plainProgram(),
): readonly string[] {
  const from = material();
  const script = `
mkdir -p usr/local/sbin mnt/debian mnt/rodata mnt/rwdata mnt/data srv/debian srv/archives shared/debian src opt/busybox/bin opt/busybox/dev home/me/.ssh home/me/.aws
echo read-only > mnt/rodata/file; echo data > mnt/data/file; echo key > home/me/.ssh/id; echo key > home/me/.aws/credentials
cp ${from}/archives/* srv/archives; install -m 755 ${from}/second-stage srv
install -m 755 ${from}/bin/* usr/local/sbin; ln -s ${program} usr/local/sbin/selfdock
cp -a ${from}/project home/me/project; cp ${from}/archives/*.tar home/me/project
[ -e bin/busybox ] || install -m 755 ${from}/busybox bin/busybox; cp bin/busybox opt/busybox/bin; printf '#!/bin/sh\\nls -A /dev\\n' > opt/busybox/bin/eject; chmod 755 opt/busybox/bin/eject
for name in sh ls cat; do ln -s busybox opt/busybox/bin/$name; done
printf '#!/bin/sh\\nmkdir -p build && cc -o build/hello /src/hello.c\\n' > src/configure; chmod 755 src/configure; cp home/me/project/hello.c src
touch etc/motd; chown ${USER} etc/motd mnt/rwdata; chown -R ${USER}:${USER} home/me
echo "${USER}:${SUBORDINATE.first}:${SUBORDINATE.count}" > etc/subuid; cp etc/subuid etc/subgid
for root in mnt/debian srv/debian shared/debian; do mount --bind / $root; done`;
  // A process tree of its own: ps shows no other test's, and nothing outlives it.
  const alone = "unshare --net --pid --fork --kill-child --mount-proc";
  const up = ["sh", "-c", 'ip link set lo up; exec "$@"', "sh"];
  return [...alone.split(" "), ...up, ...changedHost(script, root)];
}
