/**
 * The AppArmor profile of an installed selfdock. Where AppArmor takes the rights
 * from unprivileged user namespaces (Ubuntu 23.10 and later), a program needs a
 * profile that lets it make them; this one does nothing else.
 *
 * Security: it lifts that restriction for selfdock and so for what its users
 * run by it, as the host's own profiles do for other sandboxes. It is root's
 * choice to install it.
 */

/** The profile of the program at that path, which has no letter with a meaning in it. */
export function renderProfile(program: string): string {
  return `# Lets selfdock make user namespaces; written by "selfdock install".
# Load it with "apparmor_parser -r" and the name of this file.
abi <abi/4.0>,
include <tunables/global>

${program} flags=(unconfined) {
  userns,

  include if exists <local/${program.slice(1).replaceAll("/", ".")}>
}
`;
}
