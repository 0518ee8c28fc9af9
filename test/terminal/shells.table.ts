/** The shells of the tests, without anybody's settings, and how each is started to act alike. */

import type { Need } from "../harness/needs.ts";

export interface Shell {
  readonly name: string;
  readonly needs: readonly Need[];
  readonly command: readonly string[];
  /** A child that stops while it prompts may cost it the prompt, without selfdock too. */
  readonly losesPrompts?: boolean;
}

/** What every shell prompts with; no program of the tests writes it. */
export const PROMPT = "@@ ";

export const SHELLS: readonly Shell[] = [
  {
    name: "bash",
    needs: ["program:bash"],
    command: ["bash", "--norc", "--noprofile", "-i"],
  },
  { name: "dash", needs: ["program:dash"], command: ["dash", "-i"] },
  {
    name: "zsh",
    needs: ["program:zsh"],
    // $RUN is several words, as in the others; no marks around the prompt.
    command: [
      "zsh",
      "-f",
      "-i",
      "-o",
      "shwordsplit",
      "+o",
      "promptcr",
      "+o",
      "promptsp",
      "+o",
      "zle",
    ],
  },
  {
    name: "busybox",
    needs: ["program:busybox"],
    command: ["busybox", "sh", "-i"],
    losesPrompts: true,
  },
];

/** The shell of the rules that are not about shells. */
export const BASH: Shell = SHELLS[0]!;

/** One that leaves the terminal's modes alone. */
export const DASH: Shell = SHELLS[1]!;
