/** poll(2): apart from the other structs (structs.ts), since every start reads it. */

import { layout, u16, u32 } from "./struct.ts";

export const POLLFD = layout(8, {
  fd: u32(0),
  events: u16(4),
  revents: u16(6),
});
