/**
 * How each example is run, and what it must have done. The lines are those of
 * README, help and man page, word for word; a line without a row fails, and so
 * does a row without a line.
 */

/** One example. The scripts are bash's, in the project's directory. */
export interface ExampleRow {
  readonly line: string;
  /** Root runs it; by default the ordinary user. */
  readonly root?: true;
  /** It goes on until the script behind it has ended it. */
  readonly background?: true;
  /** Run before it. */
  readonly before?: string;
  /** What is typed. */
  readonly input?: string;
  /** 0 unless given. */
  readonly status?: number;
  /** What it must write. */
  readonly says?: RegExp;
  /** Run after it; each command must succeed. */
  readonly after?: string;
}

const RUNNING = `until selfdock ps | grep -q '^web '; do sleep 0.02; done`;
const STARTED = `selfdock run --name web sleep 100 & ${RUNNING}`;
const INSIDE = "echo pid $$ of $(id -u); touch /etc/x; ls -A /mnt\n";
const SAW = /^pid 1 of 1000$/m;
const DEBIAN = `selfdock -v . . -e container lxc build --as-root debootstrap --foreign --variant=minbase stable "$PWD/debian"`;
const SECOND =
  "selfdock -r debian -e container lxc build --as-root /debootstrap/debootstrap --second-stage";
const COMPILED = `[ "$(./hello)" = hello ]`;
const IMPORTED = `selfdock import ~/alpine < alpine.tar`;
const AS_APT = `mkdir -p debian/usr/bin; printf '#!/bin/sh\\necho "$(id -u) $*" >> /installed\\n' > debian/usr/bin/apt-get; chmod 755 debian/usr/bin/apt-get`;
const OWN_DEBIAN = `${DEBIAN}; ${SECOND}; ${AS_APT}`;

export const EXAMPLE_ROWS: readonly ExampleRow[] = [
  // Many.
  {
    line: "selfdock -v . . batch -j 8 commands",
    before: `for i in 1 2 3; do echo "cc -o hello$i hello.c"; done > commands`,
    says: /^selfdock: 3 commands, 0 failed/m,
    after: "[ $(./hello2) = hello ]; [ -e hello3 ]",
  },
  {
    line: "selfdock batch -j 8 jobs",
    before: "printf 'echo %s\\n' a b > jobs",
    says: /^[ab]\n[ab]\n/,
  },
  {
    line: "selfdock batch --format json < commands.json",
    before: `echo '{"argv": ["sh", "-c", "wc -l; echo $A"], "env": {"A": "set"}, "stdin": "big.txt"}' > commands.json`,
    says: /^2\nset\n/,
  },
  {
    line: "selfdock -v . . batch --null < commands",
    before: `printf "touch 'a\\nb'\\0" > commands`,
    after: `[ -e "$(printf 'a\\nb')" ]`,
  },
  {
    line: "selfdock batch --output-dir logs jobs",
    before: "echo 'echo written' > jobs",
    after: "[ $(cat logs/1.out) = written ]; [ -e logs/1.err ]",
  },
  {
    line: "selfdock batch --stop-on-failure -j 1 steps",
    before: "printf '%s\\n' true false 'echo never' > steps",
    status: 123,
    says: /^selfdock: line 2: exit status 1\nselfdock: 2 commands, 1 failed/m,
  },
  {
    line: "selfdock batch --timeout 60 jobs",
    before: "echo 'echo in time' > jobs",
    says: /^in time$/m,
  },
  {
    line: "selfdock --net none -v . . batch --timeout 60 --output-dir logs tests.txt",
    before: "echo 'make test' > tests.txt",
    after: "[ -e tested ]; [ -s logs/1.out ]",
  },
  // Looking around.
  {
    line: "selfdock run sh",
    input: INSIDE,
    says: SAW,
    after: "[ ! -e /etc/x ]",
  },
  {
    line: "selfdock run sh -c 'id; ps; df -h'",
    says: /uid=1000[^]*\n +1 [^]*ps\n[^]* \/\n/,
  },
  { line: "selfdock --rootless run id", says: /^uid=1000/m },
  {
    line: "selfdock run -- -odd-name",
    status: 127,
    says: /-odd-name/,
  },
  { line: "selfdock -C /usr run pwd", says: /^\/usr$/m },
  {
    line: "selfdock --hostname builder run uname -n",
    says: /^builder$/m,
    after: `[ "$(uname -n)" != builder ]`,
  },
  // The picture of README.
  { line: "selfdock run sh -c 'id -u; ps; df -h /'", says: /^1000\n[^]* \/$/m },
  {
    line: "selfdock run touch ~/file",
    status: 1,
    says: /Read-only file system/,
    after: "touch ~/file",
  },
  {
    line: "selfdock --hide ~/.ssh run cat ~/.ssh/id",
    status: 1,
    says: /Permission denied/,
    after: "cat ~/.ssh/id",
  },
  {
    line: "time for i in {1..100}; do selfdock run true; done",
    says: /^real/m,
  },
  // Roots.
  {
    line: "selfdock --rootfs /mnt/debian run sh",
    input: INSIDE,
    says: SAW,
    after: "[ ! -e /mnt/debian/etc/x ]",
  },
  {
    line: "selfdock -r /mnt/debian build touch /etc/motd",
    before: "touch -d 2000-01-01 /mnt/debian/etc/motd",
    after: "[ /mnt/debian/etc/motd -nt /etc/passwd ]",
  },
  {
    line: "selfdock --rootfs ~/alpine build sh",
    before: IMPORTED,
    input: "echo changed > /changed\n",
    after: "[ $(cat ~/alpine/changed) = changed ]",
  },
  {
    line: "selfdock -r /opt/busybox -v /dev /dev run eject",
    // This eject lists the devices: those of the host.
    says: /^full$[^]*^kmsg$/m,
  },
  // Files.
  {
    line: "selfdock --map /mnt/rodata /data --vol /mnt/rwdata /out run sh",
    input: "cat /data/file; echo x > /data/new; echo written > /out/new\n",
    says: /^read-only$/m,
    after: "[ $(cat /mnt/rwdata/new) = written ]; [ ! -e /mnt/rodata/new ]",
  },
  { line: "selfdock --map /mnt/data /data run ls /data", says: /^file$/m },
  {
    line: "selfdock -m ~ ~ --hide ~/.ssh run sh",
    input: "cat ~/project/file; ls ~/.ssh; cat ~/.ssh/id; touch ~/new; true\n",
    says: /^what is in the file$[^]*ermission denied/m,
    after: "[ ! -e ~/new ]; [ -e ~/.ssh/id ]",
  },
  {
    line: "selfdock --data 3 /etc/motd run cat /etc/motd 3<<<hello",
    says: /^hello$/m,
    after: "! grep -q hello /etc/motd",
  },
  {
    line: "selfdock --keep-fd 3 run sh -c 'cat <&3' 3<file",
    says: /^what is in the file$/m,
  },
  // Memory.
  {
    line: "selfdock -t size=1g /tmp -t '' /var/cache run sh",
    input: "df -k /tmp | tail -1; ls -A /var/cache | wc -l\n",
    says: /^\S+ +1048576 [^]*^0$/m,
  },
  {
    line: "selfdock -t size=1g /tmp run sort big.txt",
    says: /^a\nb$/m,
  },
  {
    line: "selfdock -t '' /var/cache run sh",
    input: "ls -A /var/cache | wc -l\n",
    says: /^0$/m,
    after: "[ $(ls -A /var/cache | wc -l) -gt 0 ]",
  },
  {
    line: "selfdock --scratch=2g run sh",
    input: "echo x > ~/x && cat ~/x; df -k / | tail -1\n",
    says: /^x\n.* 2097152 /m,
    after: "[ ! -e ~/x ]",
  },
  {
    line: "selfdock -r debian --scratch --as-root run apt-get install -y gcc",
    before: OWN_DEBIAN,
    after: "[ ! -e debian/installed ]",
  },
  {
    line: "selfdock -r debian --scratch --as-root run sh -c 'apt-get install -y gdb && gdb ./a.out'",
    before: `${OWN_DEBIAN}; printf '#!/bin/sh\\necho "echo the debugger" > /usr/bin/gdb; chmod 755 /usr/bin/gdb\\n' > debian/usr/bin/apt-get`,
    says: /^the debugger$/m,
    after: "[ ! -e debian/usr/bin/gdb ]",
  },
  {
    line: "selfdock -r debian --scratch 2g --as-root run sh -c 'apt-get install -y gcc && gcc --version'",
    before: `${OWN_DEBIAN}; printf '#!/bin/sh\\necho "echo the compiler" > /usr/bin/gcc; chmod 755 /usr/bin/gcc\\n' > debian/usr/bin/apt-get`,
    says: /^the compiler$/m,
    after: "[ ! -e debian/usr/bin/gcc ]",
  },
  // Environment.
  {
    line: "selfdock -e LANG C -E DISPLAY run env",
    before: "export DISPLAY=:7 LANG=xx",
    says: /^LANG=C$/m,
  },
  {
    line: "selfdock -v . . --unset-env EDITOR run git commit -m message",
    before: `export EDITOR=false GIT_AUTHOR_NAME=me GIT_AUTHOR_EMAIL=me@x GIT_COMMITTER_NAME=me GIT_COMMITTER_EMAIL=me@x; git init -q; git add file`,
    after: "[ $(git log --format=%s) = message ]",
  },
  // Building.
  { line: "selfdock -v . . run make", after: COMPILED },
  { line: "selfdock -v . . run --init make -j8", after: COMPILED },
  { line: "selfdock -v . . run cc -o hello hello.c", after: COMPILED },
  {
    line: "selfdock -r debian -v . . run make",
    before: `rm -rf debian; ln -s /mnt/debian debian`,
    after: COMPILED,
  },
  { line: "selfdock -r /srv/debian -v . . run make -j8", after: COMPILED },
  {
    line: "selfdock -m /src /src -v . . run /src/configure",
    after: "[ $(build/hello) = hello ]",
  },
  {
    line: "selfdock --ulimit cpu=60 --ulimit nofile=64:128 -v . . run make",
    before: `printf 'all:\\n\\tulimit -Sn > soft; ulimit -Hn > hard; ulimit -t > cpu\\n' > Makefile`,
    after: "[ \"$(echo $(cat soft hard cpu))\" = '64 128 60' ]",
  },
  {
    line: "selfdock --keep-fd 3 --keep-fd 4 -v . . run make sub",
    before: `mkfifo jobs; exec 3<>jobs 4>&3; printf ++++ >&4; export MAKEFLAGS=' -j4 --jobserver-auth=3,4'`,
    after: "grep -q -e --jobserver-auth=3,4 flags",
  },
  {
    line: "parallel selfdock -v . . run gzip -9 {} ::: *.log",
    after: "[ -e a.log.gz ]; [ -e b.log.gz ]; [ ! -e a.log ]",
  },
  {
    line: "srun selfdock -r /shared/debian -v . . run ./step",
    before: "chmod 755 step",
    after: `[ "$(cat done)" = "step in $PWD" ]`,
  },
  {
    line: "selfdock --proc none -v . . run make",
    before: `printf 'all:\\n\\tls -A /proc | wc -l > entries\\n' > Makefile`,
    after: "[ $(cat entries) = 0 ]",
  },
  {
    line: "selfdock --proc none -v . . run ./step",
    before: `printf '#!/bin/sh\\nls -A /proc | wc -l > entries\\n' > step; chmod 755 step`,
    after: "[ $(cat entries) = 0 ]",
  },
  // Tests.
  {
    line: "selfdock --net none -v . . run make test",
    before: `printf 'test:\\n\\tcat /proc/net/dev > devices\\n' > Makefile`,
    after: `[ $(grep -c : devices) = 1 ]; grep -q lo: devices`,
  },
  {
    line: "selfdock --net none -v . . run npm test",
    after: "[ $(cat tested) = tested ]",
  },
  {
    line: "selfdock -t size=2g /tmp --ulimit cpu=600 --ulimit nofile=256 -v . . run make check",
    after: "[ $(cat tested) = hello ]",
  },
  // An agent.
  {
    line: "selfdock -v . . --hide ~/.ssh --hide ~/.aws run sh",
    input: "cat ~/.ssh/id ~/.aws/credentials; touch ~/x; echo done > done\n",
    says: /ermission denied[^]*ermission denied/,
    after: "[ $(cat done) = done ]; [ ! -e ~/x ]",
  },
  {
    line: "selfdock --net none -t '' /home -v . . run sh",
    input: "ls -A ~; grep -c : /proc/net/dev; echo done > done\n",
    says: /^project\n1$/m,
    after: "[ $(cat done) = done ]",
  },
  // What runs.
  {
    line: "selfdock run --name web python3 -m http.server &",
    after: `${RUNNING}; selfdock stop -t 1 web; wait`,
  },
  {
    line: "selfdock run --name web python3 -m http.server",
    background: true,
    after: `${RUNNING}; selfdock stop -t 1 web; wait`,
  },
  {
    line: "selfdock run --init --name web python3 -m http.server",
    background: true,
    after: `${RUNNING}; until grep -q Makefile <(exec 5<>/dev/tcp/127.0.0.1/8000; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&5; cat <&5); do sleep 0.05; done; selfdock stop web; wait`,
  },
  {
    line: "selfdock ps",
    before: STARTED,
    says: /^web +\d+ .* sleep 100$/m,
    after: "selfdock stop -t 0 web",
  },
  {
    line: "selfdock ps --json",
    before: STARTED,
    says: /"name": ?"web"/,
    after: "selfdock stop -t 0 web",
  },
  {
    line: "selfdock stop web",
    before: `selfdock run --init --name web sleep 100 & ${RUNNING}`,
    after: "wait; ! selfdock ps | grep web",
  },
  {
    line: "selfdock stop -t 30 web",
    before: `selfdock run --init --name web sleep 100 & ${RUNNING}`,
    after: "wait; ! selfdock ps | grep web",
  },
  {
    line: "selfdock stop -t 0 web",
    before: STARTED,
    after: "wait || :; ! selfdock ps | grep web",
  },
  {
    line: "selfdock enter web",
    before: STARTED,
    input: "tr '\\0' ' ' < /proc/1/cmdline; echo; id -u\n",
    says: /^sleep 100 \n1000$/m,
    after: "selfdock stop -t 0 web",
  },
  {
    line: "selfdock enter -C /tmp web ls -l",
    before: `${STARTED}; selfdock enter web touch /tmp/mark`,
    says: / mark$/m,
    after: "[ ! -e /tmp/mark ]; selfdock stop -t 0 web",
  },
  // Baked files.
  {
    line: "selfdock bake -o ~/bin/gcc -v . . run gcc",
    before: "mkdir -p ~/bin",
    after: `~/bin/gcc -o hello hello.c; ${COMPILED}; ! ~/bin/gcc -o /home/me/hello hello.c`,
  },
  {
    line: "selfdock bake -o ~/bin/cc -v . . run cc",
    before: "mkdir -p ~/bin",
    after: `PATH=~/bin:$PATH cc -o hello hello.c; ${COMPILED}`,
  },
  {
    line: "selfdock bake -o ./sh run sh",
    after: `[ "$(echo 'echo pid $$' | ./sh)" = 'pid 1' ]`,
  },
  {
    line: "selfdock explain web",
    before: STARTED,
    says: /^Instance web of user 1000, made .*: sleep 100\n[^]*^Shared with the host:\n[^]*^ {2}\/ +read-only, the host's \/$/m,
    after: "selfdock stop web; wait || :",
  },
  {
    line: "selfdock explain ~/bin/gcc",
    before: "mkdir -p ~/bin; selfdock bake -o ~/bin/gcc -v . . run gcc",
    says: /gcc/,
  },
  // A Debian of one's own; test/debian does the same with debootstrap itself.
  {
    line: DEBIAN,
    after:
      "[ -x debian/bin/busybox ]; [ $(stat -c %g debian/shadow) = 100041 ]",
  },
  {
    line: SECOND,
    before: DEBIAN,
    after: "[ $(cat debian/configured) = configured ]",
  },
  {
    line: "selfdock -r debian build --as-root sh -c 'apt-get update && apt-get install -y gcc make'",
    before: OWN_DEBIAN,
    says: /^$/,
    after: `[ "$(cat debian/installed)" = "0 update
0 install -y gcc make" ]`,
  },
  {
    line: "selfdock -r debian build --as-root apt-get install gcc",
    before: OWN_DEBIAN,
    after: `[ "$(cat debian/installed)" = "0 install gcc" ]`,
  },
  // Images.
  {
    line: "docker save alpine > alpine.tar",
    before: "rm alpine.tar",
    after: "selfdock import --list < alpine.tar | grep -q alpine",
  },
  { line: IMPORTED, after: "[ -x ~/alpine/bin/busybox ]" },
  {
    line: "selfdock import alpine < alpine.tar",
    after: "[ -x alpine/bin/busybox ]",
  },
  {
    line: "selfdock -r ~/alpine run --image-config",
    before: IMPORTED,
    says: /^from the image$/m,
  },
  {
    line: "selfdock --rootfs ~/alpine run --image-config",
    before: IMPORTED,
    says: /^from the image$/m,
  },
  {
    line: "selfdock -r alpine run sh",
    before: "selfdock import alpine < alpine.tar",
    input: "echo pid $$; ls /\n",
    says: /^pid 1\nbin\n/m,
  },
  {
    line: "selfdock -r alpine -v . . run make",
    before: "selfdock import alpine < alpine.tar",
    after: "[ $(cat made) = made ]",
  },
  {
    line: "docker export old | gzip | selfdock import -i ~/old",
    after: "[ -x ~/old/bin/busybox ]; [ ! -e ~/old/dev/console ]",
  },
  {
    line: "selfdock import -i ~/old < root.tar",
    after: "[ -x ~/old/bin/busybox ]; [ ! -e ~/old/dev/console ]",
  },
  { line: "selfdock import --list < alpine.tar", says: /alpine:latest/ },
  { line: "selfdock import --list < images.tar", says: /app:2/ },
  {
    line: "selfdock import --image app:2 ~/app < images.tar",
    after: "[ -x ~/app/bin/busybox ]",
  },
  {
    line: "selfdock import --platform linux/arm64 ~/arm < app.tar",
    after: "[ -x ~/arm/bin/busybox ]",
  },
  // What would be done; help.
  {
    line: "selfdock --dry-run run true",
    says: /A new instance for: true\n[^]*give up every privilege/,
  },
  {
    line: "selfdock --dry-run=steps -v . . run make",
    says: /clone3\([^]*execveat\(/,
    after: "[ ! -e hello ]",
  },
  { line: "selfdock --dry-run=json run true", says: /"call": "clone3"/ },
  { line: "selfdock run --help", says: /^selfdock run: / },
  { line: "selfdock --version", says: /^selfdock \d/ },
  { line: "selfdock help agent", says: /--hide ~\/\.ssh/ },
  {
    line: "selfdock help man > selfdock.1",
    after: "grep -q '^.TH SELFDOCK 1' selfdock.1",
  },
  {
    line: ". <(selfdock help bash)",
    after: "complete -p selfdock",
  },
  { line: "selfdock doctor", says: /^ok +rootless: / },
  { line: "selfdock doctor --json", says: /"status": 0/ },
  // Installing, which only root can.
  {
    line: "selfdock install",
    root: true,
    after:
      "[ -u /usr/local/bin/selfdock ]; [ -e /usr/local/share/man/man1/selfdock.1 ]",
  },
  {
    line: "selfdock install --mode 0755",
    root: true,
    after: "[ -x /usr/local/bin/selfdock ]; [ ! -u /usr/local/bin/selfdock ]",
  },
  {
    line: "selfdock install --prefix /opt",
    root: true,
    after: "[ -u /opt/bin/selfdock ]",
  },
  {
    line: "selfdock install --prefix /opt/selfdock --mode 0755",
    root: true,
    after: "[ -x /opt/selfdock/bin/selfdock ]",
  },
  {
    line: "selfdock uninstall",
    root: true,
    before: "selfdock install",
    after: "[ ! -e /usr/local/bin/selfdock ]",
  },
  {
    line: "selfdock uninstall --prefix /opt",
    root: true,
    before: "selfdock install --prefix /opt",
    after: "[ ! -e /opt/bin/selfdock ]",
  },
];
