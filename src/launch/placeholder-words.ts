/** The words that a ready-made launch's placeholders stand for, and which launch it was. */

import type { Played } from "../../syscalls/ffi.ts";
import { quote } from "../plan/bytes.ts";
import type { Facts } from "../plan/facts.ts";
import { placeOf } from "../plan/place-of.ts";
import type { AnyLaunch, ReadyName } from "../plan/plan-any-instance.ts";
import type { Request } from "../plan/request.ts";
import { PLACEHOLDER } from "../plan/placeholder.ts";
import type { Row } from "../plan/table-order.ts";

export function readyNameOf(
  { action }: Request,
  { mode, caller }: Facts,
): ReadyName {
  if (mode === "rootless") return "rootless";
  if (caller.uid !== 0) return "setuid";
  return action === "build" ? "rootBuild" : "root";
}

/** What each placeholder means in this request, at the rows at which the launch has ended. */
export function wordsOf(
  request: Request,
  facts: Facts,
  { launch, run }: { launch: AnyLaunch; run: Played },
): ReadonlyMap<string, string> {
  const indexOf = ({ first, current, size }: Row) =>
    (run.read(current) - run.read(first)) / size;
  const mount = request.mounts[indexOf(launch.mountRow)];
  const limit = request.limits[indexOf(launch.limitRow)];
  const { rootfs, workingDirectory, hostname, command } = request;
  const found: readonly (readonly [keyof typeof PLACEHOLDER, string | null])[] =
    [
      ["rootfs", quote(rootfs)],
      ["directory", workingDirectory && quote(workingDirectory)],
      ["hostname", hostname && quote(hostname)],
      ["command", quote(command[0]!)],
      ["limit", limit?.resource.toLowerCase() ?? null],
      ["target", mount === undefined ? null : quote(placeOf(mount, facts))],
      [
        "source",
        mount !== undefined && "source" in mount ? quote(mount.source) : null,
      ],
    ];
  return new Map(
    found.flatMap(([name, word]) =>
      word === null ? [] : [[PLACEHOLDER[name], word] as const],
    ),
  );
}
