/** Events of poll(2) and epoll(7): asm/poll.h, linux/eventpoll.h. */

import { flags } from "../flags.ts";

/** The kernel's POLLIN and so on. */
export const POLL = flags("POLL", {
  IN: 0x1,
  PRI: 0x2,
  OUT: 0x4,
  ERR: 0x8,
  HUP: 0x10,
  NVAL: 0x20,
  RDHUP: 0x2000,
});

/** The kernel's EPOLLIN and so on. */
export const EPOLL = flags("EPOLL", {
  IN: 0x1,
  PRI: 0x2,
  OUT: 0x4,
  ERR: 0x8,
  HUP: 0x10,
  RDHUP: 0x2000,
  EXCLUSIVE: 0x10000000,
  ONESHOT: 0x40000000,
  ET: 0x80000000,
});

/** The operation of epoll_ctl(2). */
export const EPOLL_CTL = { ADD: 1, DEL: 2, MOD: 3 } as const;
