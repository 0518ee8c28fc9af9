/** A host on which the ordinary user has subordinate ids, in a mount namespace of the test's own. */

import { hostWith } from "./host.ts";
import { entry, makeRoom, USER } from "./room.ts";

/** The first subordinate id, and how many there are. */
export const SUBORDINATE = { first: 100_000, count: 65_536 } as const;

/** As `before` of a start: SCRIPT is run by root on that host, `ids` is its /etc/subuid and /etc/subgid. */
export function subordinateHost(
  script = "",
  ids = `${USER}:${SUBORDINATE.first}:${SUBORDINATE.count}\n`,
): readonly string[] {
  const file = `${makeRoom({ ids: entry({ text: ids, owner: 0 }) })}/ids`;
  const binds = `mount --bind "$1" /etc/subuid; mount --bind "$1" /etc/subgid`;
  return hostWith(`${binds}\n${script}`, [file]);
}
