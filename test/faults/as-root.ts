/** A login of --as-root: a host that has subordinate ids for it, or none, and what is said besides. */

import { hostWith } from "../harness/host.ts";
import { entry, makeRoom } from "../harness/room.ts";
import { SUBORDINATE } from "../harness/subordinate.ts";
import type { Login } from "./logins.ts";

/** As `before` of a start. newuidmap wants an account whose ids are those of the process. */
export function subordinateLogin({ user, group }: Login): readonly string[] {
  const ids = [user, group].map(
    (id) => `${id}:${SUBORDINATE.first}:${SUBORDINATE.count}\n`,
  );
  const room = makeRoom({
    ids: entry({ text: ids.join(""), owner: 0 }),
    passwd: entry({ text: `login:x:${user}:${group}::/:/bin/sh\n`, owner: 0 }),
  });
  const script = [
    'mount --bind "$1/ids" /etc/subuid',
    'mount --bind "$1/ids" /etc/subgid',
    'mount --bind "$1/passwd" /etc/passwd',
  ].join("\n");
  return hostWith(script, [room]);
}

/** Said once where there is only one id, and what a helper says of its own failure. */
const BESIDES =
  /^(selfdock: warning: only root exists inside[^\n]*|new[ug]idmap: [^\n]*)\n/gm;

export function withoutAsides(stderr: string): string {
  return stderr.replaceAll(BESIDES, "");
}
