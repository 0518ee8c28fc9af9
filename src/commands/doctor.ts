/** `doctor`: what this host allows. Loaded only then. */

import { probeHost } from "../launch/probe-host.ts";
import type { Handover } from "../launch/read-handover.ts";
import { planFindings, statusOf, type Finding } from "./findings.ts";
import { escapeText } from "./messages.ts";

const SIGNS = {
  good: "ok",
  note: "note",
  lack: "LACKS",
  hindrance: "FAILS",
} as const;

const VERDICTS = {
  0: "Instances can be started, and all is well",
  1: "Instances can be started, but something is missing",
  124: "No instance can be started",
} as const;

export function examineHost(
  json: boolean,
  handover: Handover,
): { text: string; status: number } {
  const host = probeHost(handover);
  const findings = planFindings(host);
  const status = statusOf(findings);
  const text = json
    ? JSON.stringify({ status, kernel: host.kernel, findings }, null, 2)
    : [
        ...findings.flatMap(renderFinding),
        `${VERDICTS[status]} (Linux ${host.kernel})`,
      ]
        .map(escapeText)
        .join("\n");
  return { text: `${text}\n`, status };
}

function renderFinding({
  name,
  kind,
  state,
  remedy,
}: Finding): readonly string[] {
  const line = `${SIGNS[kind].padEnd(5)}  ${name}: ${state}`;
  return remedy === null ? [line] : [line, `       remedy: ${remedy}`];
}
