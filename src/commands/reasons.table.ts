/**
 * Why each part of a launch is there, for `--dry-run`. A part is known by its
 * action, with … for what the user named. A test holds that no part lacks
 * its row and no row its part.
 */

/** What plays a part. */
export type Player = "launcher" | "instance" | "starter";

/** Why a part is there. */
export interface Reason {
  readonly action: string;
  readonly by: Player;
  readonly reason: string;
}

function rows(
  by: Player,
  reasons: Readonly<Record<string, string>>,
): readonly Reason[] {
  return Object.entries(reasons).map(([action, reason]) => ({
    action,
    by,
    reason,
  }));
}

export const REASONS: readonly Reason[] = [
  ...rows("launcher", {
    "read what stage 0 kept of the caller":
      "ids, descriptors and limits as they were before Bun changed its own",
    'read descriptor … for "…"':
      "--data: while it has to wait, signals end it as they would any program",
    "see who has the terminal":
      "decides whether the command gets the terminal, for Ctrl-C and Ctrl-Z",
    "make a pipe for the starter's reports":
      "what cannot be executed, and why, is told by pid 1",
    "prepare the launch":
      "no signal, and no other thread's death, may come between the clone and the command",
    "make a process in new namespaces":
      "its own mounts, processes and IPC; the memory is borrowed until it executes, so that nothing of Bun is copied",
    "go on in the launcher":
      "gives root's privilege up for good, where there is one, lets the command begin, and learns what failed",
    "prepare to enter":
      "whoever is inside must not reach what the new process runs on until it executes",
    "hear whether the caller may enter": "if not, nothing is joined",
    "make a process that joins":
      "it gives up everything while it is still outside, where nobody inside sees it",
    "map the caller's subordinate user ids":
      "newuidmap is root's program and knows which ids are the caller's",
    "map the caller's subordinate group ids":
      "newgidmap is root's program and knows which ids are the caller's",
  }),
  ...rows("instance", {
    "begin as the user, without the launcher's lifeline":
      "root's privilege, where there is one, comes back only in the steps that need it",
    "give the starter its end of the pipe":
      "at a number that the command does not keep",
    "give files the modes that are asked for":
      "the caller's umask is not for the instance's own files; it is given back later",
    "map the caller's own ids":
      "uid and gid inside are the caller's; setgroups is denied, which the kernel asks for",
    "keep mounts from reaching the host":
      "all is made a slave: the host's unmounts still come in, nothing goes out",
    'mount "…" at "…"':
      "--map and --vol: looked up with the caller's ids, once; the descriptor is what is mounted",
    'take the host\'s "…"':
      "host names must be found, whatever the root says of them",
    'use "…" as the root':
      "what the new namespace holds a copy of, or else a clone of the tree",
    "take the host's device nodes":
      "nobody may make device nodes in a user namespace: those of the host are bound",
    "take the caller's terminal":
      "/dev/console and tty(1) find the terminal that the command is started on",
    "make an empty directory and an empty file to cover with":
      "what lies on other filesystems is covered by these",
    "make things to hide with": "--hide: closed to all, even to be looked at",
    'write what descriptor … said for "…"':
      "--data: the file lies in memory alone",
    "make the instance's own mounts":
      "with root's privilege, where there is one: no name of the caller's is looked up",
    "make the covers read-only": "nothing can be put where nothing is to be",
    "make a /proc":
      "shows the instance's processes alone; with --proc none, nothing",
    "take the surrounding /proc":
      "--proc host: read-only; it shows processes outside, and the kernel keeps their insides closed",
    "make a /dev": "the host's devices stay outside",
    'make a tmpfs for "…"': "in memory and bounded; gone with the instance",
    "make the starter":
      "a sealed file in memory: pid 1 executes it, and it the command, without libc or Bun",
    "change the root":
      "read-only (run) or writable (build), never setuid; a clone becomes /",
    "find what is mounted on the root":
      "as the kernel tells it, when nothing of it can change any more",
    "cover what is mounted on the root":
      "other filesystems of the host do not show, and nothing that they hide comes to light",
    "lay memory over the root":
      "--scratch: what is written lies in a bounded tmpfs, over read-only clones",
    "take what was made in memory": "clones outlive the place they are made in",
    "mount /proc": "before anything that the user asks for",
    "mount /tmp": "before anything that the user asks for",
    "mount /dev": "before anything that the user asks for",
    'mount a tmpfs at "…"': "--tmpfs",
    'mount what was read at "…"': "--data: read-only",
    'hide "…"':
      "--hide: a path that is not there is an error, as a wrong word must not leave a secret open",
    "remember what is our own memory":
      "mount points may be made there without writing to a disk",
    "fill /dev":
      "null, zero, full, random, urandom, tty, ptmx and links, no more",
    'mount the host\'s "…"': "where the root has a place for it",
    "make our own directories read-only":
      "what was made to hold mount points takes no more files",
    "bring the loopback interface up":
      "--net none: the instance may talk to itself",
    'name the host "…"': "--hostname: in a namespace of its own",
    "give up every privilege":
      "no_new_privs, a system call filter, no capability in any set: nothing inside can gain them again",
    "give the command the caller's state":
      "signal actions and mask, umask and limits are the caller's, not Bun's",
    "limit …": "--ulimit",
    "end with the launcher":
      "SIGKILL to selfdock ends the instance; had it died before, the instance ends here",
    "close every descriptor that the command does not keep":
      "what the caller has open stays outside",
    "take a process group":
      "kill(0) inside must not reach the caller's processes",
    'enter "…"': "--cd",
    "enter the caller's directory, or the root":
      "looked up inside, where it may not exist",
    'execute "…"': "pid 1 lets go of the borrowed memory",
    "place a mount":
      "called by the parts that mount: resolves the place inside the root, and makes it in memory if it is not there",
    "be the caller and nothing else":
      "the question must not be asked with a right of selfdock's",
    "open the instance's namespaces": "with the caller's own rights",
    "see that selfdock made the instance's namespaces":
      "root's privilege joins nothing else that root has made, nor what a user has",
    "trace the instance, as entering takes":
      "who may trace it could do there whatever is done here; nothing is read",
    "see that the instance still runs":
      "what was looked at by its number was the same process all the time",
    "begin without the launcher's lifeline":
      "it tells the process when the launcher has died",
    "join the instance's namespaces":
      "by descriptors: no path is looked up until all privilege is gone",
    "begin in the instance":
      "the first that is seen inside, and it has no privilege left",
    "know its own id": "as it is numbered inside",
    "choose a shell": "SHELL, if it can be executed inside; else sh",
    "execute a shell": "the new process lets go of the borrowed memory",
    "end what has joined": "it was needed to be in between",
    "end the failed process":
      "only after a step has failed: the command never starts",
    "end the failed child":
      "only after a step has failed: the command never starts",
  }),
  ...rows("starter", {
    "find arguments and environment": "the kernel has put them on the stack",
    "execute the command":
      "along PATH as a shell would; if it cannot be executed, the launcher is told why",
    "become the init":
      "--init: blocks signals to pass them on, and cannot be traced",
    "keep the pipe from the command": "reports are the init's alone",
    "wait for the word to begin": "the terminal is handed over first",
    "start the command": "--init: as pid 2, in a process group of its own",
    "pass signals on, reap, and end with the command":
      "--init: what the command leaves behind is waited for, and its end is the instance's",
    end: "reached only when nothing could be executed, or after the command",
  }),
];
