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
import { checkDescriptors } from "../launch/check-descriptors.ts";
import type { Bytes } from "../plan/bytes.ts";
import { EXTRACTOR_WORD, INSIDE } from "../plan/image/extractor-word.ts";
import type { Request } from "../plan/request.ts";
import type { Invocation } from "./invocation.ts";
import { parseLine } from "./parse-line.ts";

/** Becomes the instance's supervisor; returns if it was only to be printed. */
async function launch(
  { request: asked, dryRun }: Extract<Invocation, { kind: "launch" }>,
  handover: Handover,
): Promise<void> {
  const request = await completeRequest(asked, handover);
  checkDescriptors(request, handover);
  if (handover.traceable) await warnTraceable(handover);
  const facts = probeFacts(request, handover);
  if (facts.subordinate !== null && "missing" in facts.subordinate) {
    const { warnOneId } = await import("./report.ts");
    warnOneId(facts.subordinate.missing, handover.environment);
  }
  if (dryRun === null) launchInstance(request, facts, handover);
  const { renderDryRun } = await import("./render-dry-run.ts");
  return write(renderDryRun(dryRun, request, facts));
}

/** Does what was asked for; returns if that was not to start an instance. */
async function perform(
  invocation: Invocation,
  handover: Handover,
): Promise<void> {
  switch (invocation.kind) {
    case "launch":
      return launch(invocation, handover);
    case "bake": {
      const { bake } = await import("./bake.ts");
      const request = await completeRequest(invocation.request, handover);
      return bake({ ...invocation, request }, handover);
    }
    case "explain": {
      const { explain } = await import("./explain.ts");
      return write(explain(invocation, handover));
    }
    case "import": {
      const { importImage } = await import("../launch/image/import-image.ts");
      const status = importImage(invocation.request, handover);
      return status === 0 ? undefined : exitNow(status);
    }
    case "batch": {
      const { performBatch } = await import("./batch.ts");
      return exitNow(performBatch(invocation.batch, handover));
    }
    case "help": {
      const { helpFor } = await import("./help-for.ts");
      return write(helpFor(invocation.topic, handover.environment));
    }
    case "version": {
      const { renderVersion } = await import("./version.ts");
      return write(renderVersion());
    }
    case "enter":
    case "ps":
    case "stop": {
      const { manageInstances } = await import("./manage-instances.ts");
      return write(manageInstances(invocation, handover));
    }
    case "doctor": {
      const { examineHost } = await import("./doctor.ts");
      const { text, status } = examineHost(invocation.json, handover);
      await write(text);
      return exitNow(status);
    }
    case "install": {
      const { install } = await import("./install.ts");
      return install(invocation, handover);
    }
    case "uninstall": {
      const { uninstall } = await import("./install.ts");
      return uninstall(invocation.prefix, handover);
    }
  }
}

/** With what the config of an imported root says, where that was asked for. */
async function completeRequest(
  request: Request,
  { directory }: Handover,
): Promise<Request> {
  if (!request.imageConfig) return request;
  const { readImageConfig } = await import("../launch/image/read-config.ts");
  const { applyImageConfig } = await import("../plan/image/image-config.ts");
  return applyImageConfig(request, readImageConfig(request.rootfs, directory));
}

/** Stage 0 has given up a root that the user could have reached into. */
async function warnTraceable({ environment }: Handover): Promise<void> {
  const { writeWarning } = await import("./report.ts");
  const reason = "fs.suid_dumpable is 1 on this host: root was given up";
  writeWarning(`${reason}, going the rootless way`, environment);
}

/** Within the importer's instance, and nowhere else by accident. */
function isExtractor({ argv: [name, first] }: Handover): boolean {
  return name === INSIDE.program && first === EXTRACTOR_WORD;
}

async function extract(handover: Handover): Promise<void> {
  const { performExtraction } = await import("./extract.ts");
  await performExtraction(handover.argv[2] ?? ("" as Bytes), handover);
}

async function write(text: string): Promise<void> {
  const { writeOutput } = await import("./output.ts");
  writeOutput(text);
}

async function main(): Promise<never> {
  const handover = readHandover();
  try {
    const words = handover.argv.slice(1);
    if (isExtractor(handover)) await extract(handover);
    else await perform(parseLine(words), handover);
    return exitNow(0);
  } catch (error) {
    const { writeError } = await import("./report.ts");
    return exitNow(writeError(error, handover.environment));
  }
}

void main();
