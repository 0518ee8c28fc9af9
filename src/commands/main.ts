/**
 * The entry of the artifact, behind stage 0: words to an Invocation, and the
 * Invocation done. Everything that a plain launch does not need is loaded only
 * when it is wanted. Every error ends here, as one message and an exit status.
 */

import { readHandover } from "../launch/read-handover.ts";
import type { Handover } from "../launch/read-handover.ts";
import type { Bytes } from "../plan/bytes.ts";
import { EXTRACTOR_WORD, INSIDE } from "../plan/image/extractor-word.ts";
import type { Invocation } from "./invocation.ts";
import { completeRequest, launch } from "./launch.ts";
import { parseLine } from "./parse-line.ts";

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
      return status === 0 ? undefined : exit(status);
    }
    case "batch": {
      const { performBatch } = await import("./batch.ts");
      return exit(performBatch(invocation.batch, handover));
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
      return exit(status);
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

async function exit(status: number): Promise<never> {
  const { exitNow } = await import("../launch/exit-now.ts");
  return exitNow(status);
}

async function main(): Promise<never> {
  const handover = readHandover();
  try {
    const words = handover.argv.slice(1);
    if (isExtractor(handover)) await extract(handover);
    else await perform(parseLine(words), handover);
    return await exit(0);
  } catch (error) {
    const { writeError } = await import("./report.ts");
    return exit(writeError(error, handover.environment));
  }
}

void main();
