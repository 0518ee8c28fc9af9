/** The facts for instances of a process that stage 0 did not start: as the caller it is itself. */

import { SelfdockError } from "../../plan/error.ts";
import { bytesOf } from "../../plan/bytes.ts";
import type { Facts } from "../../plan/facts.ts";
import type { Request } from "../../plan/request.ts";
import { probeCoveredPlaces } from "../probe-mounts.ts";
import { probeSubordinateIds } from "../probe-subordinate-ids.ts";
import { probeDirectory } from "./probe-directory.ts";

/** Rootless, whoever it is. */
export function probeOwnFacts(request: Request): Facts {
  const [uid, gid] = [process.getuid!(), process.getgid!()];
  if (process.geteuid!() !== uid || process.getegid!() !== gid)
    throw new SelfdockError(
      "launch",
      "Cannot start instances: the effective user or group of this process is not its real one",
      "an instance runs as whoever has started the process",
    );
  const home = process.env["HOME"];
  return {
    mode: "rootless",
    caller: {
      anybody: false,
      uid,
      gid,
      commandIndex: 0,
      // That --scratch finds it; the variables are those of each launch.
      environment: home === undefined ? [] : [bytesOf(`HOME=${home}`)],
      variableAddress: () => 0,
      directory: probeDirectory(),
    },
    covered: probeCoveredPlaces(request, "."),
    spawned: true,
    subordinate: request.asRoot ? probeSubordinateIds({ uid, gid }) : null,
  };
}
