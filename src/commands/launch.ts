/**
 * `run` and `build`: the way of every start that Bun has a part in, so it loads
 * nothing but what fills the table of a ready-made launch. Everything else, a
 * dry run, a failure, an instance that has no ready-made launch, is loaded when
 * it is wanted.
 */

import { checkDescriptors } from "../launch/check-descriptors.ts";
import { playOrder } from "../launch/play-order.ts";
import type { Handover } from "../launch/read-handover.ts";
import type { Facts } from "../plan/facts.ts";
import type { Request } from "../plan/request.ts";
import type { DryRun, Invocation } from "./invocation.ts";

type Launch = Extract<Invocation, { kind: "launch" }>;

/** Becomes the instance's supervisor: returns only from a dry run, and throws if there is no instance. */
export async function launch(
  { request: asked, dryRun }: Launch,
  handover: Handover,
): Promise<void> {
  const request = asked.imageConfig
    ? await completeRequest(asked, handover)
    : asked;
  if (handover.readyMade === null) checkDescriptors(request, handover);
  if (handover.traceable) await warnTraceable(handover);
  if (dryRun !== null) return printProgram(dryRun, request, handover);
  if (request.rootless && handover.savedUid !== handover.uid)
    await giveUpRoot(handover);
  const readyMade = handover.readyMade ?? playOrder(request, handover);
  const { launchInstance, explainReady } =
    await import("../launch/launch-instance.ts");
  const facts = await probe(request, handover);
  if (readyMade !== null) throw explainReady(request, facts, readyMade);
  launchInstance(request, facts, handover);
}

async function giveUpRoot(handover: Handover): Promise<void> {
  const { giveUpSavedRoot } = await import("../launch/give-up-root.ts");
  giveUpSavedRoot(handover);
}

async function probe(request: Request, handover: Handover): Promise<Facts> {
  const { probeFacts } = await import("../launch/probe-facts.ts");
  const facts = probeFacts(request, handover);
  if (facts.subordinate !== null && "missing" in facts.subordinate) {
    const { warnOneId } = await import("./report.ts");
    warnOneId(facts.subordinate.missing, handover.environment);
  }
  return facts;
}

async function printProgram(
  form: DryRun,
  request: Request,
  handover: Handover,
): Promise<void> {
  const facts = await probe(request, handover);
  const { renderDryRun } = await import("./render-dry-run.ts");
  const { writeOutput } = await import("./output.ts");
  writeOutput(renderDryRun(form, request, facts));
}

/** With what the config of an imported root says, where that was asked for. */
export async function completeRequest(
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
