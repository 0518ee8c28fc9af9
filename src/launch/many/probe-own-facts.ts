/** The facts for instances of a process that stage 0 did not start: as the caller it is itself. */

import { SelfdockError } from "../../plan/error.ts";
import { bytesOf } from "../../plan/bytes.ts";
import type { Facts } from "../../plan/facts.ts";
import type { Request } from "../../plan/request.ts";
import { probeCoveredPlaces } from "../probe-mounts.ts";

/** Rootless, whoever it is. */
export function probeOwnFacts(request: Request): Facts {
  if (request.asRoot)
    throw new SelfdockError(
      "usage",
      "Cannot be root inside many instances: it needs a launch of its own",
    );
  return {
    mode: "rootless",
    caller: {
      uid: process.getuid!(),
      gid: process.getgid!(),
      commandIndex: 0,
      environment: [],
      variableAddress: () => 0,
      directory: bytesOf(process.cwd()),
    },
    covered: probeCoveredPlaces(request),
    spawned: true,
    subordinate: null,
  };
}
