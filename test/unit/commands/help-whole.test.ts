/** The whole help text as it is: commands and options. What follows is in help-rest.test.ts. */

import { expect, test } from "bun:test";
import { renderHelp } from "../../../src/commands/help.ts";

test("selfdock --help, its commands and options", () => {
  const [options] = renderHelp("selfdock", false).split("\nWriting options:");
  expect(options).toMatchInlineSnapshot(`
    "selfdock: Process and filesystem isolation for one-off commands

    Usage:
      selfdock [OPTIONS] run|build [OPTIONS] COMMAND [ARG...]
      selfdock [OPTIONS] batch [OPTIONS] [FILE]
      selfdock bake -o FILE [OPTIONS] run|build [OPTIONS] COMMAND [ARG...]
      selfdock explain [--json] INSTANCE|FILE
      selfdock enter [OPTIONS] INSTANCE [COMMAND [ARG...]]
      selfdock ps [--json]
      selfdock stop [-t SECONDS] INSTANCE...
      selfdock doctor [--json]
      selfdock import [OPTIONS] DIR < ARCHIVE
      selfdock install [--prefix DIR] [--mode MODE]
      selfdock uninstall [--prefix DIR]
      selfdock help [TOPIC]

    Commands:
      run        Run COMMAND in a new instance, its root read-only
      build      The same with the root writable, by your own rights
      batch      Run many commands, each in an instance of its own
      bake       Make a program that is an instance of COMMAND
      explain    Tell what an instance shares, or what a baked file does
      enter      Run COMMAND, or your shell, in an instance that runs
      ps         List your running instances; root: everybody's
      stop       Ask instances to end; kill them after 10 seconds
      doctor     Tell what this host allows, and how to get the rest
      import     Make a root filesystem of an image or a tar archive
      install    Install selfdock for all users; asks for root
      uninstall  Remove what install has made
      help       Print help, on a command or a use if it is named

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
          --scratch [SIZE]           A writable root whose changes lie in memory and
                                     vanish with the instance; up to SIZE, by
                                     default 1g. A word after it that begins with a
                                     digit is its SIZE. You may change what your own
                                     rights allow; of the host's root that is what
                                     is yours, below your directory and HOME or
                                     named by its path in COMMAND. Implies
                                     --rootless.

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
          --image NAME[:TAG]         Which image of an archive that has several; the
                                     tag is latest if none is given.
          --platform OS/ARCH         For which platform, if the archive has an image
                                     for several; by default this machine's.
      -i, --ignore-devices           Leave device nodes out in silence; without it
                                     those that cannot be made are counted.
          --list                     Show the images of the archive with their
                                     layers and configs, and import nothing.

    Batch options:
      -j, --jobs N                   How many commands run at a time, from 1 to
                                     1024; by default as many as there are
                                     processors. The instances of the next ones are
                                     made meanwhile; with 1, nothing of one begins
                                     before all of the last has gone. -jN is the
                                     same as -j N.
          --format lines|null|json   How commands are written. lines, the default:
                                     one a line, quoted as in a shell; there is no
                                     shell, and what one would expand or take as an
                                     operator must be quoted; # begins a comment.
                                     null: the same, each ended by a NUL, line feeds
                                     within quotes. json: one object a line,
                                     {"argv": ["cc", "a.c"], "env": {"A": "b", "C":
                                     null}, "cwd": "/src", "stdin": "file"}, all but
                                     argv optional.
      -0, --null                     The same as --format null.
          --output-dir DIR           Write what the command of line N writes to the
                                     new files DIR/N.out and DIR/N.err; DIR is made
                                     if it is missing. Otherwise it is kept in
                                     memory until the command has ended, and goes to
                                     standard output and standard error then, each
                                     command's as a whole.
          --stop-on-failure          After the first failure start nothing more;
                                     what runs goes on to its end.

    Installation options:
          --prefix DIR               Where programs live; absolute, by default
                                     /usr/local. selfdock itself goes to DIR/bin.
                                     The variable DESTDIR, if set, is put before
                                     every path.
          --mode MODE                Its permissions in octal, by default 4755:
                                     setuid root. 0755 works where user namespaces
                                     are allowed.

    General options:
          --name NAME                What ps, enter and stop call the instance: a
                                     letter, then up to 63 letters, digits, dots,
                                     underscores and dashes.
      -o, --output FILE              The file to make: a regular file of that name
                                     is replaced, at once and as a whole.
          --json                     Print JSON, for programs. Of batch: a line for
                                     each command, with its status, times and peak
                                     memory; what commands write goes to standard
                                     error then, or to --output-dir.
      -t, --timeout SECONDS          How long to wait before killing, from 0 to
                                     86400, with up to three decimals. Of stop: by
                                     default 10; the short name stands after it. Of
                                     batch: each command, by default for ever; one
                                     that is killed has failed.
          --dry-run[=steps|json]     Say in words what would be done and why, and do
                                     nothing. =steps prints every step of the
                                     program of system calls, =json the same for
                                     programs.
      -h, --help                     Print help and exit.
          --version                  Print the version and exit.
    "
  `);
});
