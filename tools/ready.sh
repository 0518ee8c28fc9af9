#!/bin/sh
# Makes this checkout ready, then becomes the command that was asked for:
#
#   sh tools/ready.sh installed COMMAND…   once the pinned dependencies are there
#   sh tools/ready.sh built COMMAND…       once dist/selfdock is current, too
#   sh tools/ready.sh start ARG…           dist/selfdock ARG… in the caller's
#                                          directory (npm keeps it in INIT_CWD)
#
# What is current is left alone, which takes a few milliseconds. A shell script,
# not a Node one, because a shell can exec: selfdock takes this process's place,
# so that terminal, signals and exit status are its own. Nothing is printed to
# standard output, which belongs to the command.
set -u

# 124 is selfdock's own exit status for "selfdock cannot".
cannot() {
  printf 'Cannot %s\n' "$1" >&2
  exit 124
}

# npm writes node_modules/.package-lock.json last, when all else is in place.
install_dependencies() {
  [ -e node_modules/.package-lock.json ] &&
    ! [ package-lock.json -nt node_modules/.package-lock.json ] && return
  # Bun itself is a development dependency, so these are never omitted.
  npm ci --include=dev --no-audit --no-fund --loglevel=error \
    </dev/null >&2 || cannot 'install the pinned dependencies: npm ci failed'
}

# A directory is newer than the artifact when a file was added to or removed
# from it, a file when it was changed.
artifact_is_current() {
  [ -x dist/selfdock ] || return
  [ -z "$(find src syscalls build.ts package.json package-lock.json \
    tsconfig.json -newer dist/selfdock)" ]
}

build_artifact() {
  artifact_is_current && return
  node_modules/.bin/bun build.ts </dev/null >&2 ||
    cannot 'build dist/selfdock: build.ts failed'
}

goal=${1:?installed, built or start}
shift
caller=${INIT_CWD:-$PWD}
root=$(cd -- "$(dirname -- "$0")/.." && pwd) || cannot 'enter the checkout'
cd -- "$root" || cannot 'enter the checkout'

case $goal in
installed) install_dependencies ;;
built | start) install_dependencies && build_artifact ;;
*) cannot "become ready for \"$goal\": it is not installed, built or start" ;;
esac

[ "$goal" = start ] || exec "$@"
cd -- "$caller" || cannot "enter \"$caller\""
exec "$root/dist/selfdock" "$@"
