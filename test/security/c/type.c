/* type: types into its terminal in each way that the kernel has, and says how that ended. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static void type(const char *how, int terminal, unsigned long request, int old) {
  for (const char *at = "owned\n"; *at; at++) {
    long result;
    char *byte = (char *)at;
    if (old) {
      /* The 32-bit table wants a 32-bit address: this program is static and low. */
      static char low;
      low = *at;
      __asm__ volatile("int $0x80" : "=a"(result) : "a"(54), "b"((long)terminal), "c"(request), "d"(&low), "S"(0L), "D"(0L) : "r8", "r9", "r10", "r11", "memory");
      if (result < 0) errno = (int)-result, result = -1;
    } else {
      result = syscall(SYS_ioctl, terminal, request, byte);
    }
    if (result < 0) {
      printf("%s: %s\n", how, strerrorname_np(errno));
      return;
    }
  }
  printf("%s: done\n", how);
}

int main(void) {
  int terminal = open("/dev/tty", O_RDWR);
  for (int fd = 0; fd < 2; fd++) {
    int at = fd ? 0 : terminal;
    type("plain", at, TIOCSTI, 0);
    type("high bits", at, TIOCSTI | 0xffffffffUL << 32, 0);
    type("one high bit", at, TIOCSTI | 1UL << 32, 0);
    type("32-bit", at, TIOCSTI, 1);
    type("console", at, TIOCLINUX, 0);
    fflush(stdout);
    if (ioctl(at, FIONREAD, &(int){0})) break;
  }
  return 0;
}
