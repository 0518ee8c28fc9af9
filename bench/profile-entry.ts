/**
 * The launcher's way of bench/profile.ts: what src/commands/main.ts does for a
 * launch, with the time after each part on standard error. Not in the product.
 */

import { parseLine } from "../src/commands/parse-line.ts";
import { fillOrder } from "../src/launch/fill-order.ts";
import { playFilled } from "../src/launch/play-order.ts";
import { readHandover } from "../src/launch/read-handover.ts";

const times = [Bun.nanoseconds()];
const handover = readHandover();
times.push(Bun.nanoseconds());
const invocation = parseLine(handover.argv.slice(1));
times.push(Bun.nanoseconds());
if (invocation.kind !== "launch") throw new RangeError("not a launch");
fillOrder(invocation.request, handover);
times.push(Bun.nanoseconds());
console.error(times.map((time) => time / 1e6).join(" "));
playFilled();
