/** What a person does with a job of their shell, whether it makes an instance or enters one. */

import type { Scenario } from "./compare.ts";
import { END, SUSPEND } from "./keys.ts";

/** How one sees that the command runs: as the job in front, or within an instance. */
type Seen = "runsInFront" | "runsInside";

/** A key pressed while sleep runs ends it. */
export function endsSleep(key: string, seen: Seen): Scenario {
  return async (desk) => {
    desk.line("$RUN sleep 100");
    await desk[seen]("sleep 100");
    desk.type(key);
    await desk.prompt();
    await desk.status();
  };
}

/** Ctrl-Z stops cat, and fg resumes it. */
export function stopsAndResumes(seen: Seen): Scenario {
  return async (desk) => {
    desk.line("$RUN cat -u");
    await desk[seen]("cat -u");
    desk.line("first");
    await desk.see("first\r\nfirst\r\n");
    desk.type(SUSPEND);
    await desk.prompt();
    await desk.command("jobs");
    desk.line("fg");
    await desk[seen]("cat -u");
    desk.line("second");
    await desk.see("second\r\nsecond\r\n");
    desk.type(END);
    await desk.prompt();
    await desk.status();
  };
}
