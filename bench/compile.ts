/** A real use: configure and make of a small C project, with every compiler call in an instance of its own. */

import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "pathe";
import { asUser, USER } from "./measure.ts";
import { run } from "./workshop.ts";

const CHECKS = [
  "stdint.h",
  "unistd.h",
  "sys/mman.h",
  "pthread.h",
  "linux/fs.h",
];

/** Writes the project: so many files of about a hundred lines. */
function writeProject(directory: string, files: number): void {
  mkdirSync(directory);
  const units = Array.from({ length: files }, (_, index) => `unit${index}`);
  for (const unit of units)
    writeFileSync(join(directory, `${unit}.c`), unitText(unit));
  const declarations = units
    .map((unit) => `int ${unit}(int, char **);`)
    .join("\n");
  const calls = units
    .map((unit) => `  sum += ${unit}(count, words);`)
    .join("\n");
  writeFileSync(
    join(directory, "main.c"),
    `${declarations}\nint main(int count, char **words) {\n  int sum = 0;\n${calls}\n  return sum == 42;\n}\n`,
  );
  const checks = CHECKS.map(
    (header) =>
      `echo '#include <${header}>' > check.c && $CC -c check.c -o check.o && echo '${header} yes' >> config.log`,
  ).join("\n");
  writeFileSync(
    join(directory, "configure"),
    `#!/bin/sh\nset -e\n: > config.log\n${checks}\n`,
  );
  const objects = ["main", ...units].map((unit) => `${unit}.o`).join(" ");
  writeFileSync(
    join(directory, "Makefile"),
    `program: ${objects}\n\t$(CC) -o $@ $^\n%.o: %.c\n\t$(CC) -O2 -g -c $< -o $@\n`,
  );
  run(["chown", "-R", `${USER}:${USER}`, directory], "/");
  chmodSync(join(directory, "configure"), 0o755);
}

function unitText(unit: string): string {
  const functions = Array.from(
    { length: 24 },
    (_, n) => `static int step${n}(const char *text, int seed) {
  char copy[64];
  snprintf(copy, sizeof copy, "%s-%d", text, seed * ${n + 3});
  for (size_t i = 0; i < strlen(copy); i++) seed = seed * 31 + toupper(copy[i]);
  return seed ^ (int)strtol(copy, NULL, 10);
}`,
  );
  const calls = Array.from(
    { length: 24 },
    (_, n) => `  seed = step${n}(words[count - 1], seed);`,
  );
  return `#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
${functions.join("\n")}
int ${unit}(int count, char **words) {
  int seed = (int)time(NULL);
${calls.join("\n")}
  return seed;
}
`;
}

/** Seconds for configure and make with this compiler. */
export function timeProject(
  compiler: string,
  {
    directory,
    files,
    jobs,
  }: { directory: string; files: number; jobs: number },
): number {
  const project = join(directory, "project");
  run(["rm", "-rf", project], "/");
  writeProject(project, files);
  const script = `CC='${compiler}'; export CC; ./configure && make -s -j${jobs} CC="$CC"`;
  const start = Bun.nanoseconds();
  run([...asUser(), "sh", "-c", script], project);
  return (Bun.nanoseconds() - start) / 1e9;
}
