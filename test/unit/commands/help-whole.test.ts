/** The whole help text as it is. */

import { expect, test } from "bun:test";
import { renderHelp } from "../../../src/commands/help.ts";

test("selfdock --help", () => {
  expect(renderHelp("selfdock", false)).toMatchInlineSnapshot(`
    "selfdock: Process and filesystem isolation for one-off commands

    Usage:
      selfdock [OPTIONS] run|build [OPTIONS] COMMAND [ARG...]
      selfdock [OPTIONS] batch [OPTIONS] [FILE]
      selfdock bake -o FILE [OPTIONS] run|build [OPTIONS] COMMAND [ARG...]
      selfdock explain [--json] FILE
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
      explain    Tell what a baked file does
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
                                     inside. Later options lie on top.
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
                                     is yours. Implies --rootless.

    Environment options:
      -e, --env NAME VALUE           Set the variable NAME.
      -E, --unset-env NAME           Remove the variable NAME.

    Isolation options:
          --keep-fd N                Keep the inherited descriptor N, from 3 to
                                     1023; all others above 2 are closed. The same N
                                     twice counts once.
          --net host|none            host, the default: share the network. none:
                                     loopback only.
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
                                     processors.
          --format lines|null|json   How commands are written. lines, the default:
                                     one a line, quoted as in a shell; there is no
                                     shell, and what one would expand or take as an
                                     operator must be quoted. null: the same, each
                                     ended by a NUL, line feeds within quotes. json:
                                     one object a line, {"argv": ["cc", "a.c"],
                                     "env": {"A": "b", "C": null}, "cwd": "/src",
                                     "stdin": "file"}, all but argv optional.
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
          --name NAME                What ps and stop call the instance: a letter,
                                     then up to 63 letters, digits, dots,
                                     underscores and dashes.
      -o, --output FILE              The file to make: a regular file of that name
                                     is replaced, at once and as a whole.
          --json                     Print JSON, for programs. Of batch: a line for
                                     each command, with its status, times and peak
                                     memory; what commands write goes to standard
                                     error then, or to --output-dir.
      -t, --timeout SECONDS          How long to wait before killing, from 0 to
                                     86400. Of stop: by default 10; the short name
                                     stands after it. Of batch: each command, at
                                     least 1, by default for ever; one that is
                                     killed has failed.
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

    Topics of help:
      compiler              A compiler that sees its sources and nothing else of
                            yours
      tests                 Tests without network, with bounds, and a /tmp that is
                            gone after
      agent                 The commands of an agent, with your keys out of sight
      daemon                A daemon, found and ended by its name
      debootstrap           A Debian of your own, without root
      docker                An image of Docker's as a root filesystem
      make                  Beneath make -j and GNU parallel
      cluster               On many machines, by Slurm, Nomad and their like
      man, bash, zsh, fish  the man page, and completions of these shells

    Examples:
      # Look around in an instance
      selfdock run sh -c 'id; ps; df -h'
      # Work on a root filesystem of your own
      selfdock --rootfs ~/alpine build sh
      # The commands of a file, eight at a time
      selfdock -v . . batch -j 8 commands
      # A shell in an instance, as a program
      selfdock bake -o ./sh run sh
      # What does this gcc see?
      selfdock explain ~/bin/gcc
      # A shell in the instance web
      selfdock enter web
      # One command there
      selfdock enter -C /tmp web ls -l
      # What runs?
      selfdock ps
      # End the instance web
      selfdock stop web
      # Why does it not work here?
      selfdock doctor
      # After docker save alpine > alpine.tar
      selfdock import ~/alpine < alpine.tar
      # Run what the image is made to run
      selfdock --rootfs ~/alpine run --image-config
      # Install /usr/local/bin/selfdock
      selfdock install
      # Remove it again
      selfdock uninstall
      # A shell in another Linux tree
      selfdock --rootfs /mnt/debian run sh
      # Change that tree, by your own rights
      selfdock -r /mnt/debian build touch /etc/motd
      # Look at another filesystem, read-only
      selfdock --map /mnt/data /data run ls /data
      # Build in your directory, where it is
      selfdock -v . . run make
      # Use a device of the host
      selfdock -r /opt/busybox -v /dev /dev run eject
      # More room in /tmp
      selfdock -t size=1g /tmp run sort big.txt
      # An empty /var/cache
      selfdock -t '' /var/cache run sh
      # Your files, but not your keys
      selfdock -m ~ ~ --hide ~/.ssh run sh
      # A file that is on no disk
      selfdock --data 3 /etc/motd run cat /etc/motd 3<<<hello
      # Start in /usr
      selfdock -C /usr run pwd
      # Change the environment
      selfdock -e LANG C -E DISPLAY run env
      # Remove a variable
      selfdock -v . . --unset-env EDITOR run git commit -m message
      # Hand an open file in
      selfdock --keep-fd 3 run sh -c 'cat <&3' 3<file
      # Tests without a network
      selfdock --net none -v . . run make test
      # Another name, inside only
      selfdock --hostname builder run uname -n
      # One minute of processor time, few files
      selfdock --ulimit cpu=60 --ulimit nofile=64:128 -v . . run make
      # Without the setuid bit of an installed selfdock
      selfdock --rootless run id
      # Install into a root of your own, without root
      selfdock -r debian build --as-root apt-get install gcc
      # Install something, and leave no trace of it
      selfdock -r debian --scratch --as-root run apt-get install -y gcc
      # Change files of yours on the host's root, in memory alone
      selfdock --scratch=2g run sh
      # For a command that leaves orphans or kills itself
      selfdock -v . . run --init make -j8
      # An instance to find again
      selfdock run --name web python3 -m http.server
      # Run what the image is made to run
      selfdock -r ~/alpine run --image-config
      # One of several images
      selfdock import --image app:2 ~/app < images.tar
      # For another machine
      selfdock import --platform linux/arm64 ~/arm < app.tar
      # A root filesystem with its /dev
      selfdock import -i ~/old < root.tar
      # What is in it?
      selfdock import --list < images.tar
      # A gcc that sees your directory and nothing else of yours
      selfdock bake -o ~/bin/gcc -v . . run gcc
      # Eight at a time
      selfdock batch -j 8 jobs
      # Commands with variables and standard inputs of their own
      selfdock batch --format json < commands.json
      # Commands with line feeds in their words
      selfdock -v . . batch --null < commands
      # Files for each command's output
      selfdock batch --output-dir logs jobs
      # One after another, as long as all is well
      selfdock batch --stop-on-failure -j 1 steps
      # The same for programs
      selfdock ps --json
      # Kill it at once
      selfdock stop -t 0 web
      # A minute for each command
      selfdock batch --timeout 60 jobs
      # Install /opt/bin/selfdock
      selfdock install --prefix /opt
      # And remove it
      selfdock uninstall --prefix /opt
      # Install for everyone, without privilege
      selfdock install --mode 0755
      # Show what an instance is made of
      selfdock --dry-run run true
      # Every system call that would be made
      selfdock --dry-run=steps -v . . run make
      # The same for programs
      selfdock --dry-run=json run true
      # Help on one command
      selfdock run --help
      # Which selfdock is this?
      selfdock --version
    "
  `);
});
