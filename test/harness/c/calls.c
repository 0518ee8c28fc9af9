/*
 * Makes the calls that an instance must refuse, one a line: its name and the
 * errno (0: it was allowed). With made-up arguments a call that is let through
 * fails in another way than a filtered one (EPERM), or succeeds.
 */
#define _GNU_SOURCE
#include <asm/unistd.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static void report(const char *name, long result) {
  printf("%s %s\n", name, result >= 0 ? "allowed" : strerrorname_np(errno));
}

static long thirty_two(long number, long first, long second) {
  long result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(first), "c"(second), "d"(0), "S"(0), "D"(0) : "r8", "r9", "r10", "r11", "memory");
  if (result < 0) errno = (int)-result;
  return result < 0 ? -1 : result;
}

#define X32 0x40000000

int main(void) {
  /* Descriptor -1: what the filter lets through is EBADF. */
  report("TIOCSTI", syscall(SYS_ioctl, -1, (unsigned long)TIOCSTI, 0));
  report("TIOCSTI|1<<32", syscall(SYS_ioctl, -1, TIOCSTI | 1UL << 32, 0));
  report("TIOCLINUX", syscall(SYS_ioctl, -1, (unsigned long)TIOCLINUX, 0));
  report("TIOCLINUX|1<<32", syscall(SYS_ioctl, -1, TIOCLINUX | 1UL << 32, 0));
  report("TCGETS", syscall(SYS_ioctl, -1, (unsigned long)TCGETS, 0));
  /* An unknown operation, a bad address: EOPNOTSUPP, EFAULT without a filter. */
  report("keyctl", syscall(SYS_keyctl, 9999, 0, 0, 0, 0));
  report("add_key", syscall(SYS_add_key, 0, 0, 0, 0, 0));
  report("request_key", syscall(SYS_request_key, 0, 0, 0, 0));
  report("i386 getpid", thirty_two(20, 0, 0));
  report("i386 TIOCSTI", thirty_two(54, -1, TIOCSTI));
  report("i386 TIOCLINUX", thirty_two(54, -1, TIOCLINUX));
  report("i386 TCGETS", thirty_two(54, -1, TCGETS));
  report("i386 add_key", thirty_two(286, 0, 0));
  report("i386 request_key", thirty_two(287, 0, 0));
  report("i386 keyctl", thirty_two(288, 9999, 0));
  report("x32 TIOCSTI", syscall(X32 + 514, -1, (unsigned long)TIOCSTI, 0));
  report("x32 keyctl", syscall(X32 + SYS_keyctl, 9999, 0, 0, 0, 0));
  report("x32 getpid", syscall(X32 + SYS_getpid));
  return 0;
}
