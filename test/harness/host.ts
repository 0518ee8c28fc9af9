/**
 * Hosts as tests want them: mounts that exist in a mount namespace of the
 * test's own, and are gone with it. Given as `before` of a start.
 */

import { baseDirectory } from "./base.ts";
import { rootOf } from "./roots.ts";

/** A host on which SCRIPT has been run by root; `$1…` are WORDS. Its mounts end with it. */
export function hostWith(
  script: string,
  words: readonly string[] = [],
  propagation: "private" | "shared" = "private",
): readonly string[] {
  const body = `set -e\n${script}\nshift ${words.length}\nexec "$@"`;
  return [
    "unshare",
    "--mount",
    "--propagation",
    propagation,
    "sh",
    "-c",
    body,
    "host",
    ...words,
  ];
}

/**
 * A host whose root is an overlay of this one, or of the tree LOWER, in memory,
 * so that SCRIPT can change its files: it runs in the new root, before the
 * program. The tests' own directory is where it is outside.
 */
export function changedHost(script: string, lower = "/"): readonly string[] {
  return hostWith(
    `
mount -t tmpfs none "$1"
mkdir "$1/upper" "$1/work" "$1/root"
chmod 755 "$1" "$1/upper" "$1/root"
mount -t overlay -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" overlay "$1/root"
mount --rbind /proc "$1/root/proc"
mount --rbind /dev "$1/root/dev"
if [ "$2" != / ]; then mkdir -p "$1/root$3"; mount --bind "$3" "$1/root$3"; fi
cd "$1/root"
mkdir -p .old
pivot_root . .old
umount -l /.old
rmdir /.old
${script}`,
    [rootOf("changed"), lower, baseDirectory()],
  );
}

/** A host in a chroot, where the kernel refuses user namespaces with EPERM. */
export function chrootHost(): readonly string[] {
  const root = rootOf("chroot");
  return [...hostWith('mount --rbind / "$1"', [root]), "chroot", root];
}
