/** Which switch of this host forbids unprivileged user namespaces, and what helps. */

import { readFileSync } from "node:fs";
import { ERRNO } from "../../syscalls/errno.table.ts";
import type { Step } from "../../syscalls/program.ts";
import {
  cloneHint,
  NO_RIGHTS,
  PROC_REFUSED,
  refusalOf,
  rightsHint,
  switchHint,
  SWITCHES,
} from "../plan/user-namespace-words.ts";

const OTHERWISE = 'install selfdock setuid: as root, "selfdock install"';

/** A hint where the failed step says that user namespaces are the trouble; null otherwise. */
export function explainUserNamespaces(
  step: Step,
  errno: number,
): string | null {
  const refusal = refusalOf(step);
  if (refusal === null) return null;
  if (refusal === "proc" && errno === ERRNO.EPERM) return PROC_REFUSED;
  if (refusal !== "any" && !NO_RIGHTS.includes(errno)) return null;
  const found = SWITCHES.find(
    ({ file, forbidding }) => readSwitch(file) === forbidding,
  );
  if (found !== undefined) return switchHint(found, OTHERWISE);
  return refusal === "any"
    ? cloneHint(errno, OTHERWISE)
    : rightsHint(OTHERWISE);
}

function readSwitch(file: string): string {
  try {
    return readFileSync(file, "latin1").trim();
  } catch {
    return "";
  }
}
