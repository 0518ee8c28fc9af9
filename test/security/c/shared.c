/*
 * shared: the stand-in for a launcher. Run by root, it becomes a process of
 * user 1000 with root as its saved id, whose child borrows its memory and gives
 * up every id for good, then waits a second: what a user can do to that child,
 * he does to the parent's memory. Whether he can is for fs.suid_dumpable to say.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int child(void *nothing) {
  (void)nothing;
  if (setresuid(1000, 1000, 1000)) _exit(1);
  sleep(1);
  _exit(0);
}

int main(void) {
  char *stack = malloc(65536);
  if (setresgid(1000, 1000, 1000) || setresuid(1000, 1000, 0)) return 1;
  pid_t pid = clone(child, stack + 65536, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
  return waitpid(pid, NULL, 0) < 0;
}
