/*
 * interleave ROUNDS UID -- COMMAND… -- COMMAND…: starts the commands in turn
 * (A B C A B C …), so that what else the machine does falls on all alike, as the
 * user UID where it is not 0. Prints for each start the command's number,
 * nanoseconds to its end, and its peak memory in kB.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int count, char **words) {
  char **commands[64];
  int many = 0;
  for (int i = 3; i < count; i++) {
    if (strcmp(words[i], "--")) continue;
    words[i] = NULL;
    commands[many++] = words + i + 1;
  }
  uid_t user = (uid_t)atol(words[2]);
  int null = open("/dev/null", O_RDWR), errors = dup(2);
  if (user && (setgroups(0, NULL) || setresgid(user, user, user) || setresuid(user, user, user))) return 1;
  fcntl(errors, F_SETFD, FD_CLOEXEC);
  for (long round = atol(words[1]); round > 0; round--) {
    for (int i = 0; i < many; i++) {
      int status;
      struct rusage usage;
      long long start = now();
      pid_t pid = vfork();
      if (pid == 0) {
        dup2(null, 0);
        dup2(null, 1);
        execvp(commands[i][0], commands[i]);
        _exit(127);
      }
      if (wait4(pid, &status, 0, &usage) != pid || status) {
        fprintf(stderr, "interleave: %s ended with %d\n", commands[i][0], status);
        return 1;
      }
      printf("%d %lld %ld\n", i, now() - start, usage.ru_maxrss);
    }
  }
  return 0;
}
