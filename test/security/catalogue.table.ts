/**
 * The catalogue: every case that the ring must show, and the ways to an
 * instance in which it must. `attack` (ring.ts) takes the ways from here, so a
 * test cannot leave one out; catalogue.test.ts asks that each case has a test.
 *
 * A floor and not a fence.
 */

/** Setuid, by an ordinary user; rootless, by the same; root's own instances; and a baked file, by an ordinary user. */
export type WayName = "setuid" | "rootless" | "root" | "baked";

/** One case. */
export interface Case {
  readonly ways: readonly WayName[];
  /** What must hold. */
  readonly rule: string;
}

const SETUID: readonly WayName[] = ["setuid"];
const ROOTLESS: readonly WayName[] = ["rootless"];
const BOTH: readonly WayName[] = ["setuid", "rootless"];
const ROOT: readonly WayName[] = ["root"];

function must(ways: readonly WayName[], rule: string): Case {
  return { ways, rule };
}

export const CATALOGUE: Readonly<Record<string, Case>> = {
  A01: must(
    SETUID,
    "Bun's crash handler starts nothing, whatever PATH and its variables say",
  ),
  A02: must(
    SETUID,
    "no variable changes what selfdock does, and the command gets them all",
  ),
  A03: must(
    SETUID,
    "variables of the dynamic linker load, write and print nothing in selfdock",
  ),
  A04: must(BOTH, "argv[0] chooses nothing, is not opened, and may be missing"),
  A05: must(
    BOTH,
    "closed descriptors 0 to 2 are /dev/null inside, never anything of selfdock's",
  ),
  A06: must(BOTH, "no descriptor above 2 gets in, nor one of selfdock's own"),
  A08: must(BOTH, "with few descriptors an instance is whole or none"),
  A09: must(BOTH, "under any other limit an instance is whole or none"),
  A11: must(BOTH, "a caller who ignores SIGCHLD gets the status all the same"),
  A12: must(
    BOTH,
    "blocked and ignored signals are the command's, and stop selfdock in nothing",
  ),
  A14: must(BOTH, "SIGPIPE and SIGXFSZ are as the caller had them"),
  A15: must(BOTH, "the limit of open files is as the caller had it"),
  A16: must(BOTH, "flags of a shared pipe stay as they were"),
  A17: must(BOTH, "bytes that are not UTF-8 name themselves and nothing else"),
  A18: must(
    BOTH,
    "a strange environment arrives byte for byte, and options find every double",
  ),
  A19: must(
    BOTH,
    "a message is one line and holds no control character of the caller's",
  ),
  A20: must(
    BOTH,
    "very many and very long options end soon, and in an instance or in none",
  ),
  A21: must(
    BOTH,
    "the working directory's files do nothing, and it may be gone or out of reach",
  ),
  A24: must(
    SETUID,
    "no thread of the launcher has a right that the user lacks while JavaScript runs",
  ),
  A25: must(
    BOTH,
    "namespace, root and directory are changed in the child alone, never under other threads",
  ),
  A26: must(BOTH, "a pid namespace is made by the clone alone"),
  A27: must(
    BOTH,
    "nothing of JavaScript runs in the child; one that crashes is a failure of selfdock's",
  ),
  A28: must(
    BOTH,
    "a call that fails while an instance is made ends in 124 and no instance",
  ),
  A29: must(SETUID, "a source is looked up once, with the user's own rights"),
  A30: must(SETUID, "links in /proc of root's processes lead the user nowhere"),
  A31: must(BOTH, "a place inside never leads out of the new root"),
  A32: must(BOTH, "mount points that are missing are made on no disk"),
  A33: must(
    BOTH,
    "options of a tmpfs are those of a list, bounded, and give nothing",
  ),
  A34: must(BOTH, "the first directory is looked up inside, as the user"),
  A36: must(
    BOTH,
    "a root with links or files where mounts belong is mounted on within itself or refused",
  ),
  A37: must(
    SETUID,
    "nothing of the new root runs or is read before all privilege is gone",
  ),
  A38: must(
    SETUID,
    "setuid programs and file capabilities give nothing, with any configuration",
  ),
  A40: must(
    BOTH,
    "what is mounted below a source is as read-only, nosuid and bounded as the source",
  ),
  A41: must(SETUID, "what a host's mount hides stays hidden"),
  A42: must(
    BOTH,
    "mounts reach nobody outside, and unmounting outside reaches inside",
  ),
  A43: must(BOTH, "the old root is gone"),
  A44: must(ROOTLESS, "nothing read-only is made writable from inside"),
  A45: must(BOTH, "the file of selfdock itself is not written through /proc"),
  A47: must(BOTH, "devices are the few of /dev, and no node elsewhere works"),
  A49: must(BOTH, "ids and capabilities are the user's for good"),
  A50: must(BOTH, "groups are neither lost nor won"),
  A51: must(
    BOTH,
    "nothing is typed into the caller's terminal, nor taken from his keyrings",
  ),
  A52: must(SETUID, "inherited capabilities end at the door"),
  A53: must(
    SETUID,
    "no process of selfdock's can be traced or read while any privilege is left",
  ),
  A54: must(SETUID, "a crash with privilege leaves no core"),
  A55: must(BOTH, "an instance ends with its launcher, in whatever phase"),
  A56: must(SETUID, "no key of root's is possessed inside"),
  A58: must(
    ROOT,
    "root inside has no capability and cannot set the kernel's switches",
  ),
  A59: must(BOTH, "only who could trace an instance's process enters it"),
  A60: must(
    BOTH,
    "what only looks like an instance is joined by the user's own rights, or not",
  ),
  A62: must(
    BOTH,
    "what enters is out of reach from inside until it has nothing left to lose",
  ),
  A63: must(BOTH, "nothing is left or trusted in a predictable place"),
  A64: must(BOTH, "what is shared with the host gives the user nothing new"),
  A65: must(BOTH, "user namespaces made inside unlock nothing"),
  A66: must(BOTH, "an instance in an instance wins nothing back"),
  A67: must(BOTH, "build writes where the user could, with his rights"),
  A69: must(BOTH, "the terminal stays as the command left it"),
  A70: must(BOTH, "with no terminal, signals to a process group stay inside"),
  A72: must(
    ROOTLESS,
    "root by --as-root is the user outside, with his subordinate ids at most",
  ),
  A73: must(
    ROOTLESS,
    "memory over the root opens nothing that was closed, and changes nothing below",
  ),
  A74: must(
    BOTH,
    "the surrounding /proc shows processes outside and opens none of them",
  ),
  A75: must(
    BOTH,
    "an archive of a stranger's writes nowhere but in its new directory, and leaves nothing where it is refused",
  ),
  A76: must(
    ROOTLESS,
    "an instance of the library reaches nothing of the program that started it",
  ),
  A91: must(
    ["baked"],
    "a baked file shows no more than its instance would, however the host changes",
  ),
  A92: must(
    BOTH,
    "bake writes with the user's own rights, over nothing but a regular file",
  ),
  A93: must(BOTH, "explain executes nothing, and tells nothing that is not so"),
  A71: must(SETUID, "fs.suid_dumpable at 0, 1 or 2 opens no phase to tracing"),
  A80: must(
    BOTH,
    "the init of --init is out of its command's reach, and gives it nothing",
  ),
  A81: must(
    BOTH,
    "the commands of a batch reach neither each other nor what batch itself has",
  ),
};
