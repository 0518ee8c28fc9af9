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
  const [uid, gid] = [process.getuid!(), process.getgid!()];
  if (process.geteuid!() !== uid || process.getegid!() !== gid)
    throw new SelfdockError(
      "launch",
      "Cannot start instances: the effective user or group of this process is not its real one",
      "an instance runs as whoever has started the process",
    );
  return {
    mode: "rootless",
    caller: {
      anybody: false,
      uid,
      gid,
      commandIndex: 0,
      environment: [],
      variableAddress: () => 0,
      directory: bytesOf(process.cwd()),
    },
    covered: probeCoveredPlaces(request, "."),
    spawned: true,
    subordinate: null,
  };
}
