/** Arguments and environment are rows of bytes: they arrive as they were given. */

import { expect } from "bun:test";
import { forEachMode } from "../harness/modes.ts";
import { ENVIRONMENT, type Word } from "../harness/start-records.ts";
import { runOutside } from "../harness/run.ts";

/** Prints what the kernel was given, unlike any runtime's own idea of it. */
const PRINT = (file: "cmdline" | "environ"): readonly string[] => [
  "/bin/cat",
  `/proc/self/${file}`,
];

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const joined = (words: readonly Word[]): Buffer =>
  Buffer.concat(
    words.map((word) =>
      Buffer.concat([Buffer.from(word as string), Buffer.of(0)]),
    ),
  );

const EVERY_BYTE = bytes(...Array.from({ length: 255 }, (_, at) => at + 1));
const PATH = `PATH=${ENVIRONMENT["PATH"]}`;

forEachMode((mode) => {
  mode.rule(
    "arguments survive: no UTF-8, empty, spaces, every byte",
    async () => {
      const words = [
        "",
        bytes(0x61, 0xff, 0x62, 0x80),
        "",
        " ",
        "\n",
        bytes(0xef, 0xbf, 0xbd),
        bytes(0xed, 0xa0, 0x80),
        "--help",
        "-",
        "--",
        "ü\u{1f600}",
        EVERY_BYTE,
        "",
      ];
      const program = ["/usr/bin/printf", "%s\\0"] as const;
      const inside = await mode.run(["run", ...program, ...words]);
      expect(inside.stdoutBytes).toEqual(joined(words));
      expect(inside.stdoutBytes).toEqual(
        (await runOutside([...program, ...words])).stdoutBytes,
      );
    },
  );

  mode.rule("argv[0] is the command as it was written", async () => {
    const result = await mode.run([
      "run",
      "sh",
      "-c",
      "tr '\\0' '\\n' < /proc/$$/cmdline",
    ]);
    expect(result.stdout).toStartWith("sh\n-c\n");
  });

  mode.rule(
    "the environment survives in its order: duplicates, no name, no value, no '=', no UTF-8",
    async () => {
      const env = [
        "DUP=1",
        PATH,
        "DUP=2",
        "NOEQUALS",
        "=leading",
        "",
        "EMPTY=",
        Buffer.concat([Buffer.from("B="), bytes(0xff, 0xfe)]),
        "A=b=c",
        "LINE=a\nb",
        "LD_PRELOAD_=x",
        "BUN_BE_BUN_=1",
        "ü=ü",
      ];
      const inside = await mode.run(["run", ...PRINT("environ")], { env });
      expect(inside.stdoutBytes).toEqual(joined(env));
      expect(inside.stdoutBytes).toEqual(
        (await runOutside(PRINT("environ"), { env })).stdoutBytes,
      );
    },
  );

  mode.rule("an empty environment stays empty", async () => {
    const inside = await mode.run(["run", ...PRINT("environ")], { env: [] });
    expect(inside).toMatchObject({ status: 0, stdout: "" });
  });

  mode.rule(
    "-e replaces every duplicate, -E removes every one, in the order given",
    async () => {
      const env = [
        "DUP=1",
        "KEEP=x",
        "DUP=2",
        "GONE=1",
        "GONE=2",
        "DUPLICATE=no",
      ];
      const args = [
        "-e",
        "DUP",
        "3",
        "-E",
        "GONE",
        "-e",
        "NEW",
        "",
        "-E",
        "KEEP",
        "-e",
        "KEEP",
        "y",
        "-e",
        "NEVER",
        "x",
        "-E",
        "NEVER",
      ];
      const result = await mode.run([...args, "run", ...PRINT("environ")], {
        env,
      });
      const entries = result.stdout.split("\0").slice(0, -1);
      expect(entries.toSorted()).toEqual([
        "DUP=3",
        "DUPLICATE=no",
        "KEEP=y",
        "NEW=",
      ]);
    },
  );

  mode.rule("the value of -e may be any bytes", async () => {
    const value = bytes(0xff, 0x3d, 0x0a, 0x20);
    const result = await mode.run(
      ["-e", "RAW", value, "run", ...PRINT("environ")],
      { env: [] },
    );
    expect(result.stdoutBytes).toEqual(
      joined([Buffer.concat([Buffer.from("RAW="), value])]),
    );
  });

  mode.rule("1 MiB of arguments and of environment", async () => {
    const words = Array.from({ length: 32 }, (_, at) =>
      String.fromCharCode(97 + (at % 26)).repeat(16 * 1024 - 1),
    );
    const many = Array.from({ length: 60_000 }, (_, at) =>
      `${at}`.padStart(7, "x"),
    );
    const env = [
      ...words.map((word, at) => `V${at}=${word}`),
      ...many.map((word) => `${word}=1`),
    ];
    const inside = await mode.run(["run", ...PRINT("environ")], { env });
    expect(inside.status).toBe(0);
    expect(inside.stdoutBytes.equals(joined(env))).toBe(true);
    const longest = "y".repeat(131_000);
    const args = [...words, ...many, longest];
    const cat = await mode.run([
      "run",
      "/bin/sh",
      "-c",
      "cat /proc/$$/cmdline",
      ...args,
    ]);
    expect(cat.status).toBe(0);
    expect(
      cat.stdoutBytes.equals(
        joined(["/bin/sh", "-c", "cat /proc/$$/cmdline", ...args]),
      ),
    ).toBe(true);
  });

  mode.rule(
    "standard input, output and error are the caller's own, unread and unchanged",
    async () => {
      const result = await mode.run(
        ["run", "sh", "-c", "head -c 3; echo err >&2"],
        { stdin: "input" },
      );
      expect(result).toMatchObject({
        status: 0,
        stdout: "inp",
        stderr: "err\n",
      });
    },
  );
});
