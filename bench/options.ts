/** The section of options: what each adds to the start of a plain line. */

import { interleave } from "./measure.ts";
import type { Section, Size } from "./sections.ts";
import type { Workshop } from "./workshop.ts";

/** What users add to a plain line, and how long its start takes with that. */
const OPTIONS = [
  "",
  "-v . .",
  "-v . . -m /usr/share /mnt",
  "-m /usr/share /mnt --hide /mnt/doc",
  "-C / -e LANG C",
  "-r /",
  "--net none",
  "--init",
  "-t size=64m /tmp",
  "--keep-fd 3",
  "--hostname builder --name it",
  "--ulimit core=0",
  "--map=/usr/share:/mnt",
] as const;

/** Ordinary options, which stage 0 reads; the last ones are Bun's. */
export function measureOptions(shop: Workshop, { rounds }: Size): Section {
  const rows = OPTIONS.map((options) => {
    const words = options === "" ? [] : options.split(" ");
    const commands = Object.fromEntries(
      (["setuid", "rootless"] as const).map((mode) => [
        mode,
        ["sh", "-c", 'exec "$@" 3</dev/null', "sh"].concat(
          shop.selfdock[mode],
          words,
          "run",
          "/bin/true",
        ),
      ]),
    );
    const samples = interleave(shop, commands, {
      rounds: Math.ceil(rounds / 3),
    });
    return [
      options === "" ? "none" : `\`${options}\``,
      samples.get("setuid")!.median.toFixed(2),
      samples.get("rootless")!.median.toFixed(2),
    ];
  });
  const head = [
    "options, by a shell that opens descriptor 3",
    "setuid, ms",
    "rootless, ms",
  ];
  return { title: "Options", head, rows };
}
