/** Limits squeezed: an instance is whole or none. */

import { expect } from "bun:test";
import type { StartOptions } from "../harness/start-records.ts";
import { attack, type Way } from "./ring.ts";

const WHOLE =
  'for d in /mnt /tmp /proc /dev; do grep -c " $d " /proc/self/mounts; done; grep " /mnt " /proc/self/mounts | grep -c nosuid; grep Bnd /proc/self/status; ls /proc/self/fd | wc -l; echo WHOLE';

/** With too many processes of the user's, the kernel itself does not execute selfdock. */
function notExecuted(error: Error): { status: number; stdout: string } {
  if (!error.message.includes("temporarily unavailable")) throw error;
  return { status: 125, stdout: "" };
}

/** Under a limit, an instance is the whole one or none. */
async function wholeOrNone(
  way: Way,
  limits: StartOptions["limits"],
  whole: string,
): Promise<boolean> {
  const args = ["-m", "/etc", "/mnt", "run", "sh", "-c", WHOLE];
  const result = await way.run(args, { limits: limits! }).catch(notExecuted);
  if (result.stdout.includes("WHOLE"))
    expect({ limits, out: result.stdout }).toEqual({ limits, out: whole });
  else expect(result.status === 0).toBe(false);
  return result.stdout.includes("WHOLE");
}

async function sweepLimits(
  way: Way,
  limits: readonly NonNullable<StartOptions["limits"]>[number][],
): Promise<readonly boolean[]> {
  const whole = await way.sh(WHOLE, { args: ["-m", "/etc", "/mnt"] });
  expect(whole).toContain("CapBnd:\t0000000000000000");
  const all: boolean[] = [];
  for (const limit of limits) all.push(await wholeOrNone(way, [limit], whole));
  return all;
}

attack(
  "A08",
  "with 0 to 32 descriptors an instance is whole or none",
  async (way) => {
    const made = await sweepLimits(
      way,
      Array.from({ length: 33 }, (_, count) => [7, count, count] as const),
    );
    expect(made[0]).toBe(false);
    expect(made.at(-1)).toBe(true);
  },
);

attack(
  "A08",
  "where a descriptor is missing in the middle, the message is selfdock's",
  async (way) => {
    for (let count = 8; count < 24; count++) {
      const result = await way.run(["-m", "/etc", "/mnt", "run", "true"], {
        limits: [[7, count, count]],
      });
      if (result.status === 0) continue;
      expect({ count, status: result.status }).toEqual({ count, status: 124 });
      expect(result.stderr).toStartWith("selfdock: ");
      expect(result.stderr).not.toContain("at <anonymous>");
    }
  },
);

attack(
  "A09",
  "under limits on memory, stack, files and processes an instance is whole or none",
  async (way) => {
    const made = await sweepLimits(way, [
      [9, 2e8, 2e8],
      [9, 1e9, 1e9],
      [9, 5e9, 5e9],
      [2, 1e6, 1e6],
      [2, 5e7, 5e7],
      [2, 1e9, 1e9],
      [3, 8192, 8192],
      [3, 65536, 65536],
      [3, 262144, 262144],
      [1, 0, 0],
      [1, 4096, 4096],
      [6, 0, 0],
      [6, 1, 1],
      [6, 2, 2],
      [8, 0, 0],
      [0, 0, 0],
      [0, 1, 1],
      [4, 0, 0],
      [11, 0, 0],
      [12, 0, 0],
      [13, 0, 0],
    ]);
    expect(made.some(Boolean)).toBe(true);
  },
);
