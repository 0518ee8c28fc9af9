/*
 * Prints what a process inherits, one fact a line, from the kernel and not from
 * /proc alone: run inside and outside, the lines must be equal. Descriptors
 * 0-2 are not named; `state descriptors` lists all that are open, and writes to
 * the file STATE_OUT where that is set (its own standard output may be closed).
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static FILE *out;

static void signals(void) {
  unsigned long blocked = 0;
  syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &blocked, 8);
  fprintf(out, "blocked %016lx\n", blocked);
  for (int number = 1; number <= 64; number++) {
    /* libc hides 32 and 33. */
    struct { void *handler; unsigned long rest[3]; } action = {0};
    syscall(SYS_rt_sigaction, number, NULL, &action, 8);
    if (action.handler == (void *)SIG_IGN) fprintf(out, "ignored %d\n", number);
  }
}

static void limits(void) {
  for (int resource = 0; resource < RLIM_NLIMITS; resource++) {
    struct rlimit value;
    getrlimit(resource, &value);
    fprintf(out, "limit %d %lu %lu\n", resource, value.rlim_cur, value.rlim_max);
  }
}

static void descriptors(void) {
  int own = fileno(out);
  for (int fd = 0; fd < 4096; fd++) {
    char link[64], name[512] = {0};
    struct stat status;
    if (fd == own || fcntl(fd, F_GETFD) < 0 || fstat(fd, &status)) continue;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if (readlink(link, name, sizeof name - 1) < 0) strcpy(name, "?");
    fprintf(out, "%d %s %o rdev %lx\n", fd, name, fcntl(fd, F_GETFL), (unsigned long)status.st_rdev);
  }
}

int main(int count, char **words) {
  const char *file = getenv("STATE_OUT");
  out = file ? fopen(file, "w") : stdout;
  if (!out) return 99;
  if (count > 1 && !strcmp(words[1], "descriptors")) {
    descriptors();
    fclose(out);
    return 0;
  }
  signals();
  limits();
  mode_t mask = umask(0);
  int death = 0;
  prctl(PR_GET_PDEATHSIG, &death);
  fprintf(out, "umask %03o\n", mask);
  fprintf(out, "nice %d\n", getpriority(PRIO_PROCESS, 0));
  fprintf(out, "scheduler %d\n", sched_getscheduler(0));
  fprintf(out, "personality %x\n", (unsigned)personality(0xffffffff));
  fprintf(out, "timer slack %d\n", prctl(PR_GET_TIMERSLACK));
  fprintf(out, "huge pages off %d\n", prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
  fprintf(out, "dumpable %d\n", prctl(PR_GET_DUMPABLE));
  fclose(out);
  return 0;
}
