/** Writing to the caller's descriptors, each case in a process of its own. */

import { describe, expect, test } from "bun:test";
import { join } from "node:path";

const source = join(import.meta.dir, "../../../src");

/** The source of a child that shares its descriptors' flags with the shell. */
function child(code: string): string {
  return `
    import { writeOutput, writeMessage } from "${source}/commands/output.ts";
    import { writeError } from "${source}/commands/report.ts";
    import { SelfdockError } from "${source}/plan/error.ts";
    ${code}`;
}

/** Runs a shell line in which "$BUN" -e "$CODE" is the child. */
function shell(
  line: string,
  code: string,
): { status: number | null; output: string; errors: string } {
  const { exitCode, stdout, stderr } = Bun.spawnSync(["/bin/sh", "-c", line], {
    env: { BUN: process.execPath, CODE: child(code), PATH: "/usr/bin:/bin" },
    timeout: 20_000,
  });
  return {
    status: exitCode,
    output: stdout.toString(),
    errors: stderr.toString(),
  };
}

const THROWN = `try { writeOutput("x".repeat(200000)); } catch (error) { process.exit(writeError(error, [])); }`;

describe("standard output", () => {
  test("a full device is an error with status 124", () => {
    expect(shell('"$BUN" -e "$CODE" > /dev/full', THROWN)).toEqual({
      status: 124,
      output: "",
      errors:
        "selfdock: Cannot write to standard output: no space left on device\n",
    });
  });

  test("a descriptor that cannot be written is an error with status 124", () => {
    expect(shell('"$BUN" -e "$CODE" 1< /dev/null', THROWN)).toEqual({
      status: 124,
      output: "",
      errors:
        "selfdock: Cannot write to standard output: it is closed or not open for writing\n",
    });
  });

  test("a reader that has gone is none", () => {
    const line = '{ "$BUN" -e "$CODE"; echo $? >&2; } | true';
    expect(shell(line, `await Bun.sleep(200); ${THROWN}`).errors).toBe("0\n");
  });

  test("a full non-blocking pipe is waited for, and every byte arrives", () => {
    const nonBlocking = `import os, sys; os.set_blocking(1, False); os.execvp(sys.argv[1], sys.argv[1:])`;
    const line = `python3 -c '${nonBlocking}' "$BUN" -e "$CODE" | { sleep 0.5; wc -c; }`;
    const { output, errors } = shell(line, THROWN);
    expect([output.trim(), errors]).toEqual(["200000", ""]);
  });
});

describe("standard error", () => {
  test("writing leaves the flags of the shared descriptors as they were", () => {
    const flags = `(await Bun.file("/proc/self/fdinfo/N").text()).match(/flags:\\s*(\\d+)/)[1]`;
    const [first, second] = [1, 2].map((number) =>
      flags.replace("N", String(number)),
    );
    const code = `
      const before = [${first}, ${second}];
      const status = writeError(new SelfdockError("not-found", "Cannot x: y", "z"), []);
      writeOutput(JSON.stringify([status, before, [${first}, ${second}]]) + "\\n");`;
    const { output, errors } = shell('"$BUN" -e "$CODE" 2>&1 | cat', code);
    expect(errors).toBe("");
    const [message, hint, result] = output.split("\n");
    expect([message, hint]).toEqual([
      "selfdock: Cannot x: y",
      "selfdock: hint: z",
    ]);
    const [status, before, after] = JSON.parse(result!) as [
      number,
      string[],
      string[],
    ];
    expect(status).toBe(127);
    expect(after).toEqual(before);
  });

  test("a message that cannot be written changes no exit status", () => {
    const code = `process.exit(writeError(new TypeError("x"), []));`;
    expect(shell('"$BUN" -e "$CODE" 2> /dev/full', code).status).toBe(124);
    expect(shell('"$BUN" -e "$CODE" 2>&-', code).status).toBe(124);
  });

  test("many equal messages all arrive", () => {
    const code = `for (let at = 0; at < 20; at++) writeError(new SelfdockError("usage", "Cannot"), []);`;
    expect(shell('"$BUN" -e "$CODE"', code).errors).toBe(
      "selfdock: Cannot\n".repeat(20),
    );
  });
});
