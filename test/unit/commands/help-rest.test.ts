/** The whole help text as it is: what follows the options. */

import { expect, test } from "bun:test";
import { renderHelp } from "../../../src/commands/help.ts";

test("selfdock --help, behind its options", () => {
  const text = renderHelp("selfdock", false);
  const rest = text.slice(text.indexOf("\nWriting options:"));
  expect(rest).toMatchInlineSnapshot(`
    "
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
      # What can the instance web reach?
      selfdock explain web
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
      # Which selfdock is this?
      selfdock --version
    "
  `);
});
