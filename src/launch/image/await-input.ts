/** The extractor waits for input no longer than there is somebody who wants what comes of it. */

import { POLL } from "../../../syscalls/constants/poll.table.ts";
import { POLLFD } from "../../../syscalls/structs.ts";
import { LIFELINE } from "../../plan/image/extractor-word.ts";
import { refuseArchive } from "../../plan/image/refusal.ts";
import { defineCall } from "../define-call.ts";

const poll = defineCall("poll", [
  { buffer: 2 * POLLFD.size },
  "number",
  "number",
]);
const FOREVER = -1;

/** Fails if the importer has ended; `wait`: and waits until the descriptor can be read. */
export function awaitInput(descriptor: number, wait: boolean): void {
  const [bytes] = poll.buffers;
  const view = new DataView(bytes!.buffer, bytes!.byteOffset);
  const { fd, events, revents } = POLLFD.fields;
  view.setUint32(fd.offset, LIFELINE, true);
  view.setUint16(events.offset, 0, true);
  view.setUint32(POLLFD.size + fd.offset, descriptor, true);
  view.setUint16(POLLFD.size + events.offset, POLL.IN, true);
  poll(wait ? 2 : 1, wait ? FOREVER : 0);
  if ((view.getUint16(revents.offset, true) & POLL.HUP) !== 0)
    throw refuseArchive("whoever wanted it has ended");
}
