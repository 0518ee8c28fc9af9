/** What is in an instance's /dev: the small set of Linux's devices.txt, "Compulsory links". */

/** Character devices that every process may use; privileged made anew, rootless bound from the host's. */
export const DEVICES = [
  { name: "null", major: 1, minor: 3 },
  { name: "zero", major: 1, minor: 5 },
  { name: "full", major: 1, minor: 7 },
  { name: "random", major: 1, minor: 8 },
  { name: "urandom", major: 1, minor: 9 },
  { name: "tty", major: 5, minor: 0 },
] as const;

export const DEVICE_LINKS = [
  { name: "fd", content: "/proc/self/fd" },
  { name: "stdin", content: "/proc/self/fd/0" },
  { name: "stdout", content: "/proc/self/fd/1" },
  { name: "stderr", content: "/proc/self/fd/2" },
  { name: "ptmx", content: "pts/ptmx" },
] as const;
