/** Pipes and files as standard streams: what becomes of them is what becomes of them without selfdock. */

import { expect } from "bun:test";
import { forEachMode } from "../harness/modes.ts";
import { makeRoom } from "../harness/room.ts";
import { runOutside } from "../harness/run.ts";

/** Executes its arguments with a timer that goes off in 0.3 s: setitimer(ITIMER_REAL). */
const TIMER = `perl -e 'syscall(38, 0, my $t = pack("q4", 0, 0, 0, 300000), 0); exec @ARGV'`;

/** `$RUN` is nothing, or selfdock's words. */
const SCRIPTS: Readonly<Record<string, string>> = {
  "a full device is the command's own error":
    "$RUN sh -c 'echo x' > /dev/full; echo $?; $RUN true > /dev/full; echo $?",
  // As /dev/null: a number that is free would be taken by something else.
  "closed streams":
    "for n in 0 1 2; do eval \"$RUN sh -c 'exit 4' $n<&-\"; echo $?; done",
  "a full pipe":
    "$RUN head -c 300000 /dev/zero | { sleep 0.3; wc -c; }; echo ${PIPESTATUS[@]}",
  "a slow reader behind a command that writes nothing":
    "{ $RUN true; head -c 300000 /dev/zero; } | { sleep 0.3; wc -c; }",
  "pipelines of instances": "$RUN echo a b | $RUN tr a-z A-Z | $RUN cat",
  "the offset of a shared file":
    "exec 5<data; $RUN dd bs=1 count=3 <&5 2>/dev/null; echo; cat <&5",
  "appending to a shared file":
    "{ echo one; $RUN echo two; echo three; } > out; cat out",
  "a substitution": 'x=$($RUN printf "%s" word); echo "<$x>"',
  "statuses of a pipeline":
    "$RUN false | $RUN true | $RUN sh -c 'exit 5'; echo ${PIPESTATUS[@]}",
  "xargs and find":
    "seq 3 | xargs -n1 $RUN echo; find data -exec $RUN echo {} \\;",
  "a script's own input is not eaten": "$RUN true; echo after",
  "background jobs":
    "$RUN sleep 0.1 & $RUN sh -c 'exit 4' & wait $!; echo $?; wait; echo $?",
  "a trap of the script":
    "trap 'echo trapped' USR1; $RUN sh -c 'exit 3'; kill -USR1 $$; echo $?",
  "a time limit": "timeout 0.5 $RUN sleep 100; echo $?",
};

forEachMode((mode) => {
  for (const [name, script] of Object.entries(SCRIPTS)) {
    mode.rule(`${name}: as without selfdock`, async () => {
      const results = [];
      const runs = [mode.before(), mode.before(["--init"])];
      for (const run of ["", ...runs.map((words) => words.join(" "))]) {
        const room = makeRoom({ data: "abcdefghij\n" });
        const { status, signal, stdout, stderr } = await runOutside(
          ["/bin/bash", "-c", script],
          { cwd: room, env: { RUN: run } },
        );
        results.push({ status, signal, stdout, stderr });
      }
      const [bare, inside, withInit] = results;
      expect(inside).toEqual(bare);
      expect(withInit).toEqual(bare);
    });
  }

  mode.rule(
    "a timer of the caller's goes off for the command, as across any execution",
    async () => {
      const rings = `trap "echo rang; exit 3" ALRM; while :; do sleep 0.05; done`;
      const script = `{ ${TIMER} $RUN sleep 3; echo $?; } 2>/dev/null; ${TIMER} $RUN bash -c '${rings}'; echo $?`;
      const program = mode.program();
      for (const RUN of ["", `${program} run`, `${program} run --init`]) {
        const env = { RUN };
        const result = await runOutside(["/bin/bash", "-c", script], { env });
        expect(result).toMatchObject({ stdout: "142\nrang\n3\n", stderr: "" });
      }
    },
  );

  const broken = "$RUN yes | head -1; echo ${PIPESTATUS[@]}";

  mode.rule(
    "a writer whose reader has gone: SIGPIPE, with --init",
    async () => {
      const run = mode.before(["--init"]).join(" ");
      const results = [];
      for (const each of ["", run]) {
        const env = { RUN: each };
        results.push(await runOutside(["/bin/bash", "-c", broken], { env }));
      }
      for (const result of results)
        expect(result).toMatchObject({ stdout: "y\n141 0\n", stderr: "" });
    },
  );

  mode.rule(
    "a writer whose reader has gone: EPIPE at pid 1, which the kernel spares SIGPIPE",
    async () => {
      const env = { RUN: mode.before().join(" ") };
      const result = await runOutside(["/bin/bash", "-c", broken], { env });
      expect(result.stdout).toBe("y\n1 0\n");
      expect(result.stderr).toBe("yes: standard output: Broken pipe\n");
    },
  );
});
