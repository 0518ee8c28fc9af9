/*
 * race SECONDS MOST NEEDLE A B COMMAND…: runs COMMAND over and over, while
 * another process exchanges the names A and B as fast as it can. An attempt is
 * won if COMMAND wrote NEEDLE. Prints: attempts N won N failed N.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void exchange(const char *a, const char *b) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (unsigned seed = 1;;) {
    renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
    seed = seed * 1103515245 + 12345;
    for (volatile unsigned spin = seed >> 16 & 8191; spin; spin--);
  }
}

static int run(char **command, const char *needle, int *status) {
  static char text[1 << 16];
  int ends[2];
  size_t size = 0;
  if (pipe2(ends, O_CLOEXEC)) _exit(125);
  pid_t pid = fork();
  if (pid == 0) {
    int null = open("/dev/null", O_RDWR);
    dup2(null, 0), dup2(ends[1], 1), dup2(null, 2);
    execv(*command, command);
    _exit(127);
  }
  close(ends[1]);
  for (ssize_t got; (got = read(ends[0], text + size, sizeof text - 1 - size)) > 0;) size += (size_t)got;
  text[size] = 0;
  close(ends[0]);
  waitpid(pid, status, 0);
  return memmem(text, size, needle, strlen(needle)) != NULL;
}

int main(int count, char **words) {
  if (count < 7) return 125;
  double end = now() + atof(words[1]);
  long most = atol(words[2]), attempts = 0, won = 0, failed = 0;
  pid_t other = fork();
  if (other == 0) exchange(words[4], words[5]);
  while (attempts < most && now() < end) {
    int status = 0;
    won += run(words + 6, words[3], &status);
    failed += status != 0;
    attempts++;
  }
  kill(other, SIGKILL);
  waitpid(other, NULL, 0);
  printf("attempts %ld won %ld failed %ld\n", attempts, won, failed);
  return 0;
}
