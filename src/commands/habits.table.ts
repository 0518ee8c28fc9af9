/** What other programs of this kind call an option, and what selfdock has for it. */

const VOLUME = "-v SRC DST (writable) or -m SRC DST (read-only)";
const TERMINAL = "nothing is needed for that: the terminal is shared";

export const HABITS: Readonly<Record<string, string>> = {
  "--volume": VOLUME,
  "--mount": VOLUME,
  "--bind": "--vol SRC DST",
  "--ro-bind": "--map SRC DST",
  "--workdir": "-C DIR",
  "-w": "-C DIR",
  "--chdir": "--cd DIR",
  "--setenv": "--env NAME VALUE",
  "--unsetenv": "--unset-env NAME",
  "--network": "--net host or --net none",
  "--unshare-net": "--net none",
  "--rm": "nothing is needed for that: an instance leaves nothing behind",
  "-it": TERMINAL,
  "--interactive": TERMINAL,
  "--tty": TERMINAL,
  "-u": "the user inside is the user outside; --as-root calls him root",
  "--user": "the user inside is the user outside; --as-root calls him root",
  "-p": "nothing is needed for that: the network is shared",
  "--publish": "nothing is needed for that: the network is shared",
  "--read-only": "nothing is needed for that: the root of run is read-only",
  "--overlay": "--scratch",
  "--tmp-overlay": "--scratch",
  "-d": "nothing is kept running: end the line with & in your shell",
  "--detach": "nothing is kept running: end the line with & in your shell",
  "-V": "--version",
};
