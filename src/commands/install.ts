/** `install` and `uninstall`. Loaded only then. */

import { installProgram, uninstallProgram } from "../launch/install-program.ts";
import type { Handover } from "../launch/read-handover.ts";
import { quote, showBytes, type Bytes } from "../plan/bytes.ts";
import { SelfdockError } from "../plan/error.ts";
import { planInstallation } from "./companions.table.ts";
import { writeHint } from "./report.ts";

export function install(
  { prefix, mode }: { prefix: Bytes; mode: number },
  { environment, uid }: Handover,
): void {
  const destination = destinationOf(environment);
  const plan = planInstallation(prefix, destination);
  const written = installProgram(plan, mode, uid);
  const profile = written.find((path) => path.startsWith("/etc/apparmor.d/"));
  if (profile !== undefined && destination === "")
    writeHint(
      `the AppArmor profile counts once it is loaded: apparmor_parser -r ${showBytes(profile)}`,
      environment,
    );
}

export function uninstall(prefix: Bytes, { environment, uid }: Handover): void {
  uninstallProgram(planInstallation(prefix, destinationOf(environment)), uid);
}

/** DESTDIR, as package builders use it, goes before every path. */
function destinationOf(environment: readonly Bytes[]): Bytes {
  const variable = environment.find((entry) => entry.startsWith("DESTDIR="));
  const destination = (variable?.slice("DESTDIR=".length) ?? "") as Bytes;
  if (destination === "" || destination.startsWith("/")) return destination;
  throw new SelfdockError(
    "launch",
    `Cannot use ${quote(destination)} as DESTDIR: it is not an absolute path`,
    'DESTDIR="$PWD/..."',
  );
}
