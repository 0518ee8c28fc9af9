/** Wrong command lines, and what each is told, word for word. */

const USAGE = "usage: selfdock [OPTIONS] run|build [OPTIONS] COMMAND [ARG...]";
const NOTHING =
  "usage: selfdock [OPTIONS] run|build [OPTIONS] COMMAND [ARG...]; all else: selfdock --help";
const BAKE =
  "usage: selfdock bake -o FILE [OPTIONS] run|build [OPTIONS] COMMAND [ARG...]";
const TMPFS =
  "OPT is '' or a list like size=4K,mode=700 of size=N[k|m|g], nr_inodes=N, mode=OCTAL, uid=N, gid=N";
const SIZE =
  "size= takes a number of bytes from 1 to 2^52, with k, m or g after it if you like";
const ALL =
  'selfdock --help lists all options; a COMMAND that begins with "-" stands after "--"';
const COMMANDS =
  "it must be run, build, batch, bake, explain, enter, ps, stop, doctor, import, install, uninstall or help";

/** A line, its message and its hint. */
export type Line = readonly [readonly string[], string, string];

const again =
  "only --map, --vol, --tmpfs, --hide, --data, --env, --unset-env, --keep-fd and --ulimit may be repeated";

const path = "it is not an absolute path";
const place = 'it is neither an absolute path nor "."';
const descriptor = "it is not a decimal number from 3 to 1023";
const mode =
  "it is not an octal mode within 4755 that lets the owner read and execute";

const words = "it is not one of size, nr_inodes, mode, uid, gid";
const refused = (options: string, state: string): Line => [
  ["-t", options, "/x", "run", "x"],
  `Cannot use ${state}`,
  TMPFS,
];

const limits =
  "it is not one of as, core, cpu, data, fsize, locks, memlock, msgqueue, nice, nofile, nproc, rss, rtprio, rttime, sigpending, stack";
const limited = (word: string, message: string): Line => [
  [`--ulimit=${word}`, "run", "x"],
  `Cannot ${message}`,
  "--ulimit NAME=SOFT[:HARD], each a decimal number or unlimited: --ulimit nofile=64:128",
];

const noEquals = 'a name has no "="';

/** The lines by what is wrong with them. */
export const WRONG_LINES: Readonly<Record<string, readonly Line[]>> = {
  "nothing to run": [
    [[], "Cannot start: there is no command", NOTHING],
    [["--"], "Cannot start: there is no command", NOTHING],
    [["-r", "/"], "Cannot start: there is no command", NOTHING],
    [["run"], "Cannot run: there is no COMMAND", USAGE],
    [["run", "--"], "Cannot run: there is no COMMAND", USAGE],
    [["build", "--net=none"], "Cannot build: there is no COMMAND", USAGE],
  ],
  "a size of --scratch": [
    ...["1k", "7z", "0", "1048575", "3x"].map((size): Line => [
      ["--scratch", size, "run", "x"],
      `Cannot use "${size}" as SIZE of --scratch: it is not a number of bytes from 1m to 2^52, with k, m or g after it if you like`,
      'a COMMAND that begins with a digit stands after "--"',
    ]),
    [
      ["run", "--scratch=", "x"],
      'Cannot use "" as SIZE of --scratch: it is not a number of bytes from 1m to 2^52, with k, m or g after it if you like',
      'a COMMAND that begins with a digit stands after "--"',
    ],
    [
      ["build", "--scratch", "x"],
      "Cannot use --scratch with build: what build writes is to stay, and what --scratch writes vanishes",
      "run --scratch may write to the whole root, too",
    ],
    [
      ["--scratch", "ps"],
      "Cannot use --scratch with ps: it is not an option of that command",
      "selfdock ps --help lists its options",
    ],
  ],
  "nothing to bake": [
    [["bake", "run", "x"], "Cannot bake: there is no -o FILE", BAKE],
    [["bake", "-o", "f"], "Cannot bake: there is no run or build", BAKE],
    [["bake", "-o", "f", "run"], "Cannot run: there is no COMMAND", USAGE],
    [
      ["bake", "-o", "f", "gcc", "x"],
      'Cannot bake "gcc": what is baked is run or build with a COMMAND',
      "selfdock bake -o FILE [OPTIONS] run gcc",
    ],
    [
      ["run", "-o", "f", "x"],
      "Cannot use --output with run: it is not an option of that command",
      "selfdock run --help lists its options",
    ],
    [
      ["explain"],
      "Cannot explain: there is no INSTANCE or FILE",
      "usage: selfdock explain [--json] INSTANCE|FILE",
    ],
  ],
  "a word that is not known": [
    [
      ["sh"],
      `Cannot use "sh" as a command of selfdock: ${COMMANDS}`,
      "to run a program: selfdock run sh",
    ],
    [
      ["rnu", "x"],
      `Cannot use "rnu" as a command of selfdock: ${COMMANDS}`,
      'did you mean "run"?',
    ],
    [
      ["Build"],
      `Cannot use "Build" as a command of selfdock: ${COMMANDS}`,
      'did you mean "build"?',
    ],
    [
      [""],
      `Cannot use "" as a command of selfdock: ${COMMANDS}`,
      "selfdock --help",
    ],
    [
      ["--vlo"],
      'Cannot use option "--vlo": there is no such option',
      'did you mean "--vol"?',
    ],
    [
      ["--root=/"],
      'Cannot use option "--root": there is no such option',
      'did you mean "--rootfs" or "--rootless"?',
    ],
    [
      ["-map"],
      'Cannot use option "-map": there is no such option',
      'did you mean "--map"?',
    ],
    [
      ["---map"],
      'Cannot use option "---map": there is no such option',
      'did you mean "--map"?',
    ],
    [["run", "-x"], 'Cannot use option "-x": there is no such option', ALL],
    [["run", "--=x"], 'Cannot use option "--": there is no such option', ALL],
    [
      ["run", "--constructor"],
      'Cannot use option "--constructor": there is no such option',
      ALL,
    ],
    [
      ["-w", "/"],
      'Cannot use option "-w": there is no such option',
      "in place of -w: -C DIR",
    ],
    [
      ["--volume=a:b"],
      'Cannot use option "--volume": there is no such option',
      "in place of --volume: -v SRC DST (writable) or -m SRC DST (read-only)",
    ],
    [
      ["run", "-it", "sh"],
      'Cannot use option "-it": there is no such option',
      "in place of -it: nothing is needed for that: the terminal is shared",
    ],
    [
      ["run", "-vfoo"],
      'Cannot use option "-vfoo": nothing may be attached to a short option',
      "short options stand alone: -v SRC DST",
    ],
    [
      ["batch", "-jx"],
      'Cannot use option "-jx": nothing may be attached to a short option',
      "short options stand alone: -j N",
    ],
    [
      ["batch", "-j0"],
      'Cannot use "0" as N of --jobs: it is not a decimal number from 1 to 1024',
      "--jobs N",
    ],
    [
      ["batch", "--timeout", "0.0"],
      "Cannot give the commands 0 seconds: none would end in time",
      "--timeout SECONDS, at least 0.001; without it they may take as long as they like",
    ],
    [
      ["batch", "--timeout", ".5"],
      'Cannot use ".5" as SECONDS of --timeout: it is not a decimal number from 0 to 86400, with up to three decimals',
      "--timeout SECONDS",
    ],
    [
      ["-h=1"],
      'Cannot use option "-h=1": nothing may be attached to a short option',
      "short options stand alone: -h",
    ],
    [
      ["help", "runn"],
      'Cannot find help on "runn": there is no such topic',
      'did you mean "run"?',
    ],
    [
      ["help", "x"],
      'Cannot find help on "x": there is no such topic',
      "the topics are selfdock, run, build, batch, bake, explain, enter, ps, stop, doctor, import, install, uninstall, compiler, tests, agent, daemon, debootstrap, docker, make, cluster, man, bash, zsh, fish",
    ],
  ],
  "an instance that is not said right": [
    [
      ["run", "--name", "1", "x"],
      'Cannot use "1" as NAME of --name: it is not a letter and up to 63 letters, digits, dots, underscores and dashes',
      "--name NAME",
    ],
    [
      ["stop"],
      "Cannot stop: there is no INSTANCE",
      "usage: selfdock stop [-t SECONDS] INSTANCE...",
    ],
    [
      ["stop", "-t", "86401", "a"],
      'Cannot use "86401" as SECONDS of --timeout: it is not a decimal number from 0 to 86400, with up to three decimals',
      "--timeout SECONDS",
    ],
    [
      ["stop", "--json", "a"],
      "Cannot use --json with stop: it is not an option of that command",
      "selfdock stop --help lists its options",
    ],
  ],
  "an option in the wrong place or number": [
    [
      ["-r", "/", "run", "--rootfs=/", "x"],
      "Cannot use --rootfs a second time: it may be given once",
      again,
    ],
    [
      ["--dry-run", "run", "--dry-run", "x"],
      "Cannot use --dry-run a second time: it may be given once",
      again,
    ],
    [
      ["--net=none", "--net", "none", "run", "x"],
      "Cannot use --net a second time: it may be given once",
      again,
    ],
    [
      ["install", "-v", ".", "."],
      "Cannot use --vol with install: it is not an option of that command",
      "selfdock install --help lists its options",
    ],
    [
      ["--prefix", "/", "run", "x"],
      "Cannot use --prefix with run: it is not an option of that command",
      "selfdock run --help lists its options",
    ],
    [
      ["uninstall", "--mode", "755"],
      "Cannot use --mode with uninstall: it is not an option of that command",
      "selfdock uninstall --help lists its options",
    ],
    [
      ["help", "--dry-run"],
      "Cannot use --dry-run with help: it is not an option of that command",
      "selfdock --help lists its options",
    ],
    [
      ["install", "x"],
      'Cannot use "x" with install: there is nothing to take it',
      "usage: selfdock install [--prefix DIR] [--mode MODE]",
    ],
    [
      ["uninstall", "--", "--mode"],
      'Cannot use "--mode" with uninstall: there is nothing to take it',
      "usage: selfdock uninstall [--prefix DIR]",
    ],
    [
      ["help", "run", "x"],
      'Cannot use "x" with help: there is nothing to take it',
      "usage: selfdock help [TOPIC]",
    ],
  ],
  "a value that is missing, empty or too much": [
    [["-m"], "Cannot use --map: SRC is missing", "--map SRC DST"],
    [["run", "-m", "/a"], "Cannot use --map: DST is missing", "--map SRC DST"],
    [
      ["-r", "-v", "/a", "/b"],
      'Cannot use --rootfs: DIR is missing before "-v"',
      '--rootfs DIR; a value that begins with "-" is written --rootfs=DIR',
    ],
    [
      ["-m", "/a", "--vol"],
      'Cannot use --map: DST is missing before "--vol"',
      '--map SRC DST; a value that begins with "-" is written --map=SRC:DST',
    ],
    [["--net"], "Cannot use --net: host|none is missing", "--net host|none"],
    [
      ["--dry-run=yes"],
      'Cannot use "yes" with --dry-run: there it may be steps or json',
      "--dry-run[=steps|json]",
    ],
    [["--help="], 'Cannot use "" with --help: it takes no value', "--help"],
    [
      ["--map=a"],
      'Cannot take "a" apart for --map: it has no colon',
      "--map=SRC:DST has exactly one; --map SRC DST takes any",
    ],
    [
      ["--vol=/a:/b:/c"],
      'Cannot take "/a:/b:/c" apart for --vol: it has more than one colon',
      "--vol=SRC:DST has exactly one; --vol SRC DST takes any",
    ],
    [
      ["--map=:/a"],
      'Cannot use "" as SRC of --map: it is empty',
      "--map SRC DST",
    ],
    [
      ["-m", "a", ""],
      'Cannot use "" as DST of --map: it is empty',
      "--map SRC DST",
    ],
    [
      ["-r", ""],
      'Cannot use "" as DIR of --rootfs: it is empty',
      "--rootfs DIR",
    ],
    [["--cd="], 'Cannot use "" as DIR of --cd: it is empty', "--cd DIR"],
    [
      ["-e", "", "x"],
      'Cannot use "" as NAME of --env: it is empty',
      "--env NAME VALUE",
    ],
    [
      ["-E", ""],
      'Cannot use "" as NAME of --unset-env: it is empty',
      "--unset-env NAME",
    ],
  ],
  "a value that cannot be": [
    [
      ["-m", "a", "b"],
      `Cannot use "b" as DST of --map: ${place}`,
      "--map SRC DST",
    ],
    [
      ["-v", ".", "./"],
      `Cannot use "./" as DST of --vol: ${place}`,
      "--vol SRC DST",
    ],
    [
      ["-t", "", "."],
      `Cannot use "." as DST of --tmpfs: ${path}`,
      "--tmpfs OPT DST",
    ],
    [
      ["-C", ".."],
      `Cannot use ".." as DIR of --cd: ${path}`,
      "without --cd an instance starts at your own path, if it exists inside",
    ],
    [
      ["install", "--prefix", "x"],
      `Cannot use "x" as DIR of --prefix: ${path}`,
      "--prefix DIR",
    ],
    [
      ["--net", "bridge"],
      'Cannot use "bridge" as the value of --net: it must be host or none',
      "--net host|none",
    ],
    ...["2", "03", "1024", "+3", "3 ", "0x3", ""].map((number): Line => [
      [`--keep-fd=${number}`],
      `Cannot use "${number}" as N of --keep-fd: ${descriptor}`,
      "--keep-fd N",
    ]),
    ...["", "0", "55", "4777", "2755", "1755", "04755x", "0311", "888"].map(
      (number): Line => [
        ["install", `--mode=${number}`],
        `Cannot use "${number}" as MODE of --mode: ${mode}`,
        "4755 (setuid root) or 0755",
      ],
    ),
    [
      ["-E", "A=B"],
      'Cannot use "A=B" as NAME of --unset-env: a name has no "="',
      "-E A",
    ],
    [
      ["-e", "=", "x"],
      'Cannot use "=" as NAME of --env: a name has no "="',
      "--env NAME VALUE",
    ],
  ],
  "a limit": [
    ...["", "nofile", "nofile:3"].map((word) =>
      limited(word, `use "${word}" with --ulimit: it is not NAME=SOFT[:HARD]`),
    ),
    limited("=3", `limit "": ${limits}`),
    limited("NOFILE=3", `limit "NOFILE": ${limits}`),
    ...["", "-1", "1k", "03", "18446744073709551615"].map((value) =>
      limited(
        `cpu=${value}`,
        `limit cpu to "${value}": it is neither a decimal number nor unlimited`,
      ),
    ),
    limited(
      "cpu=1:",
      'limit cpu to "": it is neither a decimal number nor unlimited',
    ),
    limited(
      "cpu=1:2:3",
      'limit cpu to "2:3": it is neither a decimal number nor unlimited',
    ),
    limited("cpu=2:1", 'limit cpu to "2": that is above the hard limit "1"'),
    [
      ["--ulimit", "cpu=2", "run", "--ulimit=cpu=2", "x"],
      "Cannot limit cpu a second time: which limit counts is not clear",
      "--ulimit cpu=SOFT:HARD",
    ],
  ],
  "a name, a place or a descriptor": [
    ...["", "-a", ".a", "a b", "a_b", "x".repeat(65)].map((name): Line => [
      [`--hostname=${name}`, "run", "x"],
      `Cannot use "${name}" as NAME of --hostname: it is not 1 to 64 letters, digits, dots and dashes, the first a letter or digit`,
      "--hostname NAME",
    ]),
    [
      ["--hide", "etc", "run", "x"],
      `Cannot use "etc" as PATH of --hide: ${path}`,
      "--hide PATH",
    ],
    [
      ["--data", "2", "/x", "run", "x"],
      `Cannot use "2" as FD of --data: ${descriptor}`,
      "--data FD DST",
    ],
    [
      ["--data", "3", "x", "run", "x"],
      `Cannot use "x" as DST of --data: ${path}`,
      "--data FD DST",
    ],
    [
      ["--data", "3", "/x", "--data=3:/y", "run", "x"],
      "Cannot read descriptor 3 for --data twice: the first reading leaves nothing",
      "open a descriptor for each file",
    ],
  ],
  "OPT of --tmpfs": [
    ...[
      "size=0",
      "size=100%",
      "size=-1",
      "size=+1",
      "size=",
      "size",
      "size=1kk",
      "size=01",
      "size=4503599627370497",
      "size=4194305g",
      "size=99999999999999999999",
      "size=0x10",
      "size= 1",
    ].map((item) => refused(item, `"${item}" in OPT of --tmpfs: ${SIZE}`)),
    refused("size=1k\n", `"size=1k\\x0a" in OPT of --tmpfs: ${SIZE}`),
    refused(
      "nr_inodes=0",
      '"nr_inodes=0" in OPT of --tmpfs: nr_inodes= takes a decimal number from 1 to 2^52',
    ),
    ...["mode=4777", "mode=2000", "mode=8", "mode=-1", "mode=", "mode=u+s"].map(
      (item) =>
        refused(
          item,
          `"${item}" in OPT of --tmpfs: mode= takes an octal number up to 1777`,
        ),
    ),
    refused(
      "uid=4294967295",
      '"uid=4294967295" in OPT of --tmpfs: uid= takes a decimal user id',
    ),
    refused(
      "gid=-1",
      '"gid=-1" in OPT of --tmpfs: gid= takes a decimal group id',
    ),
    ...[
      "huge",
      "mpol",
      "suid",
      "dev",
      "exec",
      "SIZE",
      "__proto__",
      "remount",
      "source",
    ].map((name) =>
      refused(`size=1k,${name}=x`, `"${name}" in OPT of --tmpfs: ${words}`),
    ),
    refused("size=1,", `"" in OPT of --tmpfs: ${words}`),
    refused("size=1,,mode=1", `"" in OPT of --tmpfs: ${words}`),
    refused(
      "size=1,size=1",
      "size= in OPT of --tmpfs twice: which one counts is not clear",
    ),
  ],
  "the habits of Docker": [
    [
      ["-v", "/a:/b", "run", "sh"],
      `Cannot use "run" as DST of --vol: ${place}`,
      "SRC and DST are two words: -v /a /b",
    ],
    [
      ["run", "-v", "/a:/b:ro", "sh"],
      `Cannot use "sh" as DST of --vol: ${place}`,
      "SRC and DST are two words: -m /a /b",
    ],
    [
      ["run", "-v", "/a b:/c", "sh"],
      `Cannot use "sh" as DST of --vol: ${place}`,
      "SRC and DST are two words: -v '/a b' /c",
    ],
    [
      ["run", "-v", "/a:/b"],
      "Cannot use --vol: DST is missing",
      "SRC and DST are two words: -v /a /b",
    ],
    [
      ["run", "-v", "/a:/b", "-v", "/c:/d", "x"],
      'Cannot use --vol: DST is missing before "-v"',
      "SRC and DST are two words: -v /a /b",
    ],
    [
      ["run", "-m", "/a:/b", "/bin/sh"],
      "Cannot run: there is no COMMAND",
      "SRC and DST are two words: -m /a /b",
    ],
    [
      ["-e", "A=B", "run", "sh"],
      `Cannot use "A=B" as NAME of --env: ${noEquals}`,
      "NAME and VALUE are two words: -e A B",
    ],
    [
      ["run", "-e", "A=B"],
      "Cannot use --env: VALUE is missing",
      "NAME and VALUE are two words: -e A B",
    ],
    [
      ["--env=A=it's", "run", "sh"],
      'Cannot take "A=it\'s" apart for --env: it has no colon',
      "NAME and VALUE are two words: -e A 'it'\\''s'",
    ],
    [
      ["run", "--tmpfs", "/run", "sh"],
      'Cannot use "sh" as DST of --tmpfs: it is not an absolute path',
      "OPT comes first and may be empty: -t '' /run",
    ],
    [
      ["run", "--tmpfs", "/run:size=1k", "sh"],
      'Cannot use "sh" as DST of --tmpfs: it is not an absolute path',
      "OPT comes first and may be empty: -t size=1k /run",
    ],
  ],
};
