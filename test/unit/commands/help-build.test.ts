/** The help text of build as it is. */

import { expect, test } from "bun:test";
import { renderHelp } from "../../../src/commands/help.ts";

test("selfdock build --help", () => {
  expect(renderHelp("build", false)).toMatchInlineSnapshot(`
    "selfdock build: The same with the root writable, by your own rights

    Usage:
      selfdock [OPTIONS] build [OPTIONS] COMMAND [ARG...]

    Description:
      Run COMMAND in a new instance whose root is writable, by your own rights: what
      it writes there stays. For making the root filesystems of other instances; for
      everything else take run with --vol. A directory that lacks a place to mount
      at is read-only itself, such as / of a new root which has no /proc, /dev or
      /tmp yet: make them first.

    Filesystem options:
      -r, --rootfs DIR               The root filesystem, by default /. Other
                                     filesystems mounted below it are hidden.
      -m, --map SRC DST              Show the file or directory SRC read-only at
                                     DST, with all that is mounted below it. SRC may
                                     be relative to your directory; DST is absolute,
                                     or . for the path of SRC.
      -v, --vol SRC DST              The same, writable where you may write.
      -t, --tmpfs OPT DST            An empty filesystem in memory at DST. OPT is ''
                                     or a list like size=4K,mode=700 of
                                     size=N[k|m|g], nr_inodes=N, mode=OCTAL, uid=N,
                                     gid=N; by default
                                     size=256m,nr_inodes=262144,mode=1777.
          --hide PATH                Put something empty, which cannot be read or
                                     written, in the place of PATH, which must exist
                                     inside. Later options lie on top of it, never
                                     in it.
          --data FD DST              A read-only file at DST with what is read from
                                     the inherited descriptor FD, from 3 to 1023; at
                                     most 256 MiB.
      -C, --cd DIR                   The directory inside to start in; absolute. By
                                     default your own path if it exists inside, else
                                     /.

    Environment options:
      -e, --env NAME VALUE           Set the variable NAME.
      -E, --unset-env NAME           Remove the variable NAME.

    Isolation options:
          --keep-fd N                Keep the inherited descriptor N, from 3 to
                                     1023; all others above 2 are closed. The same N
                                     twice counts once.
          --net host|none            host, the default: share the network. none:
                                     loopback only.
          --proc own|host|none       own, the default: a fresh /proc that shows the
                                     instance's processes alone. Where that is
                                     refused, as in containers: host, the
                                     surrounding /proc, read-only, which shows the
                                     names and arguments of processes outside; none,
                                     an empty directory. Both imply --rootless.
          --hostname NAME            The host's name inside: up to 64 letters,
                                     digits, dots and dashes.
          --ulimit NAME=SOFT[:HARD]  Limit what COMMAND may use; HARD is SOFT if it
                                     is not given. NAME is as, core, cpu, data,
                                     fsize, locks, memlock, msgqueue, nice, nofile,
                                     nproc, rss, rtprio, rttime, sigpending or
                                     stack; a limit is a number in the kernel's
                                     units (bytes, seconds, ...) or unlimited.
          --rootless                 Give up a saved root and use user namespaces.
          --as-root                  Be uid and gid 0 inside, which is you outside,
                                     and have what subordinate ids newuidmap gives
                                     you. Implies --rootless and --init. With build
                                     the command may mount, inside.
          --init                     Put a minimal init at pid 1: it passes signals
                                     on, reaps orphans, and ends with COMMAND, which
                                     becomes pid 2. Without it COMMAND is pid 1, for
                                     which a signal that it does not handle has no
                                     effect if it sends it to itself.

    Image options:
          --image-config             Take what the config of an imported root
                                     (DIR.image.json) says: its variables, below
                                     --env; its directory, unless there is --cd; its
                                     entrypoint before COMMAND, and its command
                                     where there is no COMMAND.

    General options:
          --name NAME                What ps, enter and stop call the instance: a
                                     letter, then up to 63 letters, digits, dots,
                                     underscores and dashes.
          --dry-run[=steps|json]     Say in words what would be done and why, and do
                                     nothing. =steps prints every step of the
                                     program of system calls, =json the same for
                                     programs.
      -h, --help                     Print help and exit.
          --version                  Print the version and exit.

    Writing options:
      place          before or after the command, in the order of their effects;
                     nothing after COMMAND is an option of selfdock
      --rootfs=DIR   the same as --rootfs DIR; so for every option with one value
      --map=SRC:DST  the same as --map SRC DST, with exactly one colon; so
                     --tmpfs=OPT:DST and --env=NAME:VALUE
      again          only --map, --vol, --tmpfs, --hide, --data, --env, --unset-env,
                     --keep-fd and --ulimit may be given more than once
      -v SRC DST     short options stand alone: no -rv, no -vSRC
      --             ends the options: the next word is COMMAND

    Instance:
      /             the root filesystem alone; read-only (run) or writable (build)
      /tmp          a tmpfs of 256 MiB, unless something else is put there
      /proc, /dev   its own; /dev holds a small set of devices
      directory     --cd, else your own path if it exists inside, else /
      user, groups  your own, without capabilities or a way to gain any
      network       the host's, unless --net none

    Signals and jobs:
      to selfdock   each that can be handled reaches COMMAND once; one that it
                    neither handles, ignores nor blocks does to the instance what it
                    does to anybody
      to its group  reaches COMMAND at least once, maybe twice
      from within   COMMAND is pid 1, which no signal of its own kills or stops:
                    abort(3) and a broken pipe end it another way, vi and less take
                    no Ctrl-Z; --init has all that as usual
      make -j       a job server is handed on by --keep-fd 3 --keep-fd 4; where
                    MAKEFLAGS says fifo:PATH, by -v PATH PATH

    Exit status:
      N    COMMAND's own; killed by a signal, selfdock dies of the same one (128+N
           where selfdock is pid 1, which cannot)
      124  selfdock cannot do what was asked; nothing was started
      126  COMMAND was found but cannot be executed
      127  COMMAND was not found

    Examples:
      # Work on a root filesystem of your own
      selfdock --rootfs ~/alpine build sh
      # Change that tree, by your own rights
      selfdock -r /mnt/debian build touch /etc/motd
      # Install into a root of your own, without root
      selfdock -r debian build --as-root apt-get install gcc
    "
  `);
});
