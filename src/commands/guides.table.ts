/** What `selfdock help TOPIC` says of a use: worked examples, in the order in which one meets them. */

import type { GuideName } from "./invocation.ts";
import type { Example } from "./options.table.ts";

export interface Guide {
  readonly title: string;
  /** Paragraphs. */
  readonly text: readonly string[];
  readonly examples: readonly Example[];
}

export const GUIDES: Readonly<Record<GuideName, Guide>> = {
  compiler: {
    title: "A compiler that sees its sources and nothing else of yours",
    text: [
      "A start costs milliseconds and touches no disk, so it can stand before each call of a compiler. The directory that is built in is the only place that can be written.",
    ],
    examples: [
      {
        line: "selfdock -v . . run cc -o hello hello.c",
        text: "One file, here",
      },
      {
        line: "selfdock bake -o ~/bin/cc -v . . run cc",
        text: "As a program of its own: with PATH=~/bin:$PATH every make takes it",
      },
      {
        line: "selfdock -r /srv/debian -v . . run make -j8",
        text: "With the compiler and libraries of another tree",
      },
      {
        line: "selfdock -m /src /src -v . . run /src/configure",
        text: "Sources read-only, the build beside them",
      },
    ],
  },
  tests: {
    title: "Tests without network, with bounds, and a /tmp that is gone after",
    text: [
      "Every run begins with an empty /tmp and an empty process table, and what it leaves running ends with it.",
      "batch runs one command after another, each in an instance of its own, as fast as the machine makes them: hundreds a second. It keeps each one's output whole, says which have failed, and ends with 123 if any has. There is no shell, so what comes from names of files needs no more care than quotes: printf '%s\\0' and --null take any name.",
    ],
    examples: [
      {
        line: "selfdock --net none -v . . batch --timeout 60 --output-dir logs tests.txt",
        text: "A command a line, a minute for each, a file for what each writes",
      },
      {
        line: "selfdock --net none -v . . run npm test",
        text: "Only loopback, which is up",
      },
      {
        line: "selfdock -t size=2g /tmp --ulimit cpu=600 --ulimit nofile=256 -v . . run make check",
        text: "More room, ten minutes of processor time, few files",
      },
    ],
  },
  agent: {
    title: "The commands of an agent, with your keys out of sight",
    text: [
      "What runs inside is you, so it can read whatever you can and is shown. Hide what it must not read, and map only what it shall change. Later options lie on top of earlier ones: hide last.",
      "--net none keeps it from sending anything over the network.",
    ],
    examples: [
      {
        line: "selfdock -v . . --hide ~/.ssh --hide ~/.aws run sh",
        text: "Your files read-only, this directory writable, no keys",
      },
      {
        line: "selfdock --net none -t '' /home -v . . run sh",
        text: "Nothing of /home but this directory, and no network",
      },
    ],
  },
  daemon: {
    title: "A daemon, found and ended by its name",
    text: [
      "There is no detaching: start it with & in a shell, or from a service manager, which can signal selfdock as if it were the daemon. ps lists what runs; stop ends it.",
    ],
    examples: [
      {
        line: "selfdock run --init --name web python3 -m http.server",
        text: "With an init, which reaps what the daemon leaves behind",
      },
      { line: "selfdock ps", text: "What runs?" },
      { line: "selfdock explain web", text: "What can it reach?" },
      { line: "selfdock enter web", text: "A shell beside it, to look around" },
      { line: "selfdock stop -t 30 web", text: "With half a minute to end" },
    ],
  },
  debootstrap: {
    title: "A Debian of your own, without root",
    text: [
      "With the packages debootstrap and uidmap. --as-root is uid 0 inside and you outside, with your subordinate ids.",
    ],
    examples: [
      {
        line: 'selfdock -v . . -e container lxc build --as-root debootstrap --foreign --variant=minbase stable "$PWD/debian"',
        text: "Fetch and unpack it",
      },
      {
        line: "selfdock -r debian -e container lxc build --as-root /debootstrap/debootstrap --second-stage",
        text: "Configure it, from within",
      },
      {
        line: "selfdock -r debian build --as-root sh -c 'apt-get update && apt-get install -y gcc make'",
        text: "Install more",
      },
      {
        line: "selfdock -r debian -v . . run make",
        text: "Use it, as yourself and read-only",
      },
      {
        line: "selfdock -r debian --scratch --as-root run sh -c 'apt-get install -y gdb && gdb ./a.out'",
        text: "Install something for once: it lies in memory and is gone afterwards",
      },
    ],
  },
  docker: {
    title: "An image of Docker's as a root filesystem",
    text: [
      "Let docker save, skopeo or buildah write the image to a file, once; then no daemon is needed.",
    ],
    examples: [
      {
        line: "selfdock import alpine < alpine.tar",
        text: "After docker save alpine > alpine.tar",
      },
      { line: "selfdock -r alpine run sh", text: "A shell in it" },
      {
        line: "selfdock -r alpine -v . . run make",
        text: "Its tools on your files",
      },
    ],
  },
  make: {
    title: "Beneath make -j and GNU parallel",
    text: [
      "Each job can be an instance. make tells its job server in MAKEFLAGS: with --jobserver-auth=3,4 hand those descriptors on; with fifo:PATH map PATH.",
    ],
    examples: [
      {
        line: "selfdock -v . . run --init make -j8",
        text: "The whole build in one instance",
      },
      {
        line: "selfdock --keep-fd 3 --keep-fd 4 -v . . run make sub",
        text: "A recipe that takes part in the job server outside",
      },
      {
        line: "selfdock -v . . batch -j 8 commands",
        text: "Commands of a file, eight at a time, from one process",
      },
      {
        line: "parallel selfdock -v . . run gzip -9 {} ::: *.log",
        text: "An instance for each file",
      },
    ],
  },
  cluster: {
    title: "On many machines, by Slurm, Nomad and their like",
    text: [
      "selfdock needs no daemon and keeps no state, so a runner only has to find it: it forwards signals, ends with the command's own status, and dies with it. 124 says that nothing was started, so that a runner may try another machine; selfdock doctor tells why.",
      'In a Nomad job it is a task of the raw_exec driver, with command = "selfdock" and args = ["-v", ".", ".", "run", "./step"].',
      "In a pod or another container, engines' filters may forbid user namespaces, and their masks over /proc a fresh one: the message names which, and the engine's option for it. Where only /proc is refused, --proc none or --proc host is enough.",
    ],
    examples: [
      {
        line: "selfdock doctor --json",
        text: "In a health check: status 124 where no instance can start",
      },
      {
        line: "srun selfdock -r /shared/debian -v . . run ./step",
        text: "A step of a Slurm job in a tree that all machines share",
      },
      {
        line: "selfdock --proc none -v . . run ./step",
        text: "In a Kubernetes pod with its default restrictions",
      },
    ],
  },
};
