/**
 * The entry of the artifact, behind stage 0: words to an Invocation, and the
 * Invocation done. Everything that a plain launch does not need is loaded only
 * when it is wanted. Every error ends here, as one message and an exit status.
 */

import { exitNow } from "../launch/exit-now.ts";
import { launchInstance } from "../launch/launch-instance.ts";
import { probeFacts } from "../launch/probe-facts.ts";
import { readHandover } from "../launch/read-handover.ts";
import type { Handover } from "../launch/read-handover.ts";
import type { Installation } from "../launch/install-program.ts";
import { checkDescriptors } from "../launch/check-descriptors.ts";
import type { Bytes } from "../plan/bytes.ts";
import type { Invocation } from "./invocation.ts";
import { parseLine } from "./parse-line.ts";

/** Does what was asked for; returns if that was not to start an instance. */
async function perform(
  invocation: Invocation,
  handover: Handover,
): Promise<void> {
  switch (invocation.kind) {
    case "launch": {
      const { request, dryRun } = invocation;
      checkDescriptors(request, handover);
      if (handover.traceable) await warnTraceable(handover);
      const facts = probeFacts(request, handover);
      if (facts.subordinate !== null && "missing" in facts.subordinate)
        await warnOneId(facts.subordinate.missing, handover);
      if (!dryRun) launchInstance(request, facts, handover);
      const { renderDryRun } = await import("./render-dry-run.ts");
      return write(renderDryRun(request, facts));
    }
    case "help": {
      const { helpFor } = await import("./help-for.ts");
      return write(helpFor(invocation.topic, handover.environment));
    }
    case "version": {
      const { renderVersion } = await import("./version.ts");
      return write(renderVersion());
    }
    case "install": {
      const { installProgram } = await import("../launch/install-program.ts");
      const { LICENCES } = await import("./licences.ts");
      const { mode } = invocation;
      return installProgram(
        placeOf(invocation, handover),
        { mode, licences: LICENCES },
        handover.uid,
      );
    }
    case "uninstall": {
      const { uninstallProgram } = await import("../launch/install-program.ts");
      return uninstallProgram(placeOf(invocation, handover), handover.uid);
    }
  }
}

/** DESTDIR, as package builders use it, goes before the prefix. */
function placeOf(
  { prefix }: { prefix: Bytes },
  { environment }: Handover,
): Installation {
  const variable = environment.find((entry) => entry.startsWith("DESTDIR="));
  return {
    prefix,
    destination: (variable?.slice("DESTDIR=".length) ?? "") as Bytes,
  };
}

/** Stage 0 has given up a root that the user could have reached into. */
async function warnTraceable({ environment }: Handover): Promise<void> {
  const { writeWarning } = await import("./report.ts");
  const reason = "fs.suid_dumpable is 1 on this host: root was given up";
  writeWarning(`${reason}, going the rootless way`, environment);
}

/** Said once, since each chown will fail with no more than EINVAL. */
async function warnOneId(
  missing: string,
  { environment }: Handover,
): Promise<void> {
  const { writeWarning } = await import("./report.ts");
  const effect = "only root exists inside, and no file can be given to another";
  writeWarning(`${effect}: ${missing}`, environment);
}

async function write(text: string): Promise<void> {
  const { writeOutput } = await import("./output.ts");
  writeOutput(text);
}

async function main(): Promise<never> {
  const handover = readHandover();
  try {
    await perform(parseLine(handover.argv.slice(1)), handover);
    return exitNow(0);
  } catch (error) {
    const { writeError } = await import("./report.ts");
    return exitNow(writeError(error, handover.environment));
  }
}

void main();
