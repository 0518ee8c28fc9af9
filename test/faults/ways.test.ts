/**
 * Every way to an instance leads to the same one: by stage 0 alone, by Bun with a
 * ready-made launch, and by a Program that was planned for the one request. And
 * what fails is told in the same words.
 */

import { expect } from "bun:test";
import { rule } from "../harness/needs.ts";
import { runOutside, type Result } from "../harness/run.ts";
import { KIND_NAMES, makeKind, reporting, takeMark } from "./kinds.ts";
import {
  MODES,
  newLogin,
  programOf,
  type Login,
  type ModeName,
} from "./logins.ts";
import { SEED, SOAK } from "./soak.ts";
import { variants } from "./variant.ts";

/** An option that stage 0 leaves to Bun, and that changes nothing. */
const BY_BUN = "--cd=/";

/** Those that are planned alone have no other way. */
const READY = KIND_NAMES.filter(
  (name) => !/, planned$|^--as-root|^--scratch|^--data/.test(name),
);

/** What fails, and what of the message is told. */
const FAILING = [
  "-m /no/such /mnt run true",
  "-v /etc/passwd /usr run true",
  "-v /usr /etc/passwd run true",
  "-r /no/such run true",
  "--hide /no/such run true",
  "-m /usr /mnt --hide /no/such -v /etc /opt run true",
  "-C /no/such run true",
  "--ulimit core=1:0 run true",
  "--ulimit cpu=9 --ulimit nofile=4294967295 run true",
  "run /no/such",
  "run --init /no/such",
  "run --init /etc/passwd",
];

/** The number of a step is that of its Program. */
function tellWithoutNumber({ status, stderr }: Result): string {
  return `${status}: ${stderr.replaceAll(/step \d+/g, "step N")}`;
}

async function runBoth(
  mode: ModeName,
  line: readonly string[],
  login: Login & { readonly cwd: string },
): Promise<readonly Result[]> {
  const planned = (await variants())[mode];
  const results: Result[] = [];
  for (const program of [programOf(mode), planned])
    results.push(await runOutside([program, ...line], login));
  return results;
}

const told = ({ status, stdout, stderr }: Result) => ({
  status,
  stdout,
  stderr,
});

for (const [index, mode] of MODES.entries()) {
  // In a plain run each kind is in one of the modes.
  const taken = READY.filter(
    (_, kind) => SOAK || (kind + index + SEED) % MODES.length === 0,
  );
  for (const name of taken)
    rule(
      `${mode}: ${name}: every way leads to the same instance`,
      ["root"],
      async () => {
        const kind = await makeKind(name);
        const changesDirectory = kind.args.includes("-C");
        const login = { ...newLogin(mode), cwd: kind.cwd };
        const line = [...kind.args, ...reporting(kind.room)];
        const [ready, planned] = await runBoth(mode, line, login);
        expect(takeMark(kind.room)).toBe(true);
        expect(ready).toMatchObject({ status: 0, stderr: "" });
        expect(ready!.stdout.split("\n").length).toBeGreaterThan(20);
        expect(told(ready!)).toEqual(told(planned!));
        // The directory that it starts in is its own anyway.
        if (changesDirectory || kind.cwd !== "/") return;
        const byBun = await runOutside(
          [programOf(mode), BY_BUN, ...line],
          login,
        );
        expect(told(byBun)).toEqual(told(planned!));
      },
    );

  rule(`${mode}: what fails is told alike`, ["root"], async () => {
    const login = { ...newLogin(mode), cwd: "/" };
    for (const line of FAILING) {
      const results = await runBoth(mode, line.split(" "), login);
      const [ready, planned] = results.map(tellWithoutNumber);
      expect(`${line}: ${ready}`).toBe(`${line}: ${planned}`);
      // Root may raise its own limits.
      if (mode !== "root") expect(results[0]!.status).not.toBe(0);
    }
  });
}
