/** As much of sockets as brings up a loopback interface and passes descriptors: sys/socket.h, linux/sockios.h, linux/if.h. */

import { flags } from "../flags.ts";

/** The domain of socket(2). */
export const AF = { UNIX: 1, INET: 2, INET6: 10, NETLINK: 16 } as const;

/** The type of socket(2): STREAM, DGRAM, RAW and SEQPACKET are numbers, one of which stands with the flags. */
export const SOCK = flags("SOCK", {
  // The odd ones first: they hold the bits of STREAM.
  SEQPACKET: 5,
  RAW: 3,
  DGRAM: 2,
  STREAM: 1,
  NONBLOCK: 0o4000,
  CLOEXEC: 0o2000000,
});

/** The kernel's SIOCGIFFLAGS and SIOCSIFFLAGS. */
export const SIOC = { GIFFLAGS: 0x8913, SIFFLAGS: 0x8914 } as const;

/** `flags` of struct ifreq. */
export const IFF = flags("IFF", { UP: 0x1, LOOPBACK: 0x8, RUNNING: 0x40 });

/** sendmsg(2), recvmsg(2). */
export const MSG = flags("MSG", {
  DONTWAIT: 0x40,
  NOSIGNAL: 0x4000,
  CMSG_CLOEXEC: 0x40000000,
});

/** The level and the type of a message that carries descriptors: unix(7). */
export const SOL = { SOCKET: 1 } as const;
export const SCM = { RIGHTS: 1 } as const;
