/*
 * lurk SECONDS MOST NAMES [still]: inside an instance, against what enters it. Every process
 * that comes is looked at from its first moment, most are stopped there
 * (SIGSTOP, from which they go on later; not with `still`), and all that an ordinary user can try
 * is tried. It counts as a breach where that succeeds while the process is not
 * called one of NAMES yet (MOST such moments are enough); and as foreign where one shows another user id than ours.
 * Prints: seen N before N reached N breaches N foreign N.
 */
#define _GNU_SOURCE
#include "reach.h"
#include <stdlib.h>
#include <time.h>

/* New processes get the next numbers: so many are tried at each moment. */
enum { NEXT = 64 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* The text of /proc/PID/NAME; how much of it there was. */
static long read_text(pid_t pid, const char *name, char *text, size_t size) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  *text = 0;
  if (file < 0) return -1;
  ssize_t got = read(file, text, size - 1);
  close(file);
  text[got > 0 ? got : 0] = 0;
  return got;
}

static int is_foreign(pid_t pid) {
  char text[4096];
  unsigned ids[4], own = getuid();
  read_text(pid, "status", text, sizeof text);
  const char *line = strstr(text, "\nUid:");
  if (!line || sscanf(line, "\nUid: %u %u %u %u", ids, ids + 1, ids + 2, ids + 3) != 4) return 0;
  return ids[0] != own || ids[1] != own || ids[2] != own || ids[3] != own;
}

static int stops = 1;
static long seen, before, reached, breaches, foreign;

static void look(pid_t pid, const char *name) {
  char first[64], last[64];
  read_text(pid, "comm", first, sizeof first);
  if (is_foreign(pid)) foreign++;
  unsigned mask = reach(pid, 1);
  read_text(pid, "comm", last, sizeof last);
  kill(pid, SIGCONT);
  seen++;
  first[strcspn(first, "\n")] = last[strcspn(last, "\n")] = 0;
  reached += mask != 0;
  if (!*first || !*last || strstr(name, last)) return;
  before++;
  if (!mask) return;
  breaches++;
  printf("breach: %s: ", last);
  print_reach(stdout, mask);
  printf("\n");
}

int main(int count, char **words) {
  if (count < 4) return 125;
  double end = now() + atof(words[1]);
  stops = count == 4;
  pid_t last = getpid();
  printf("lurking\n");
  fflush(stdout);
  while (now() < end && before < atol(words[2]))
    for (pid_t pid = last + 1; pid <= last + NEXT; pid++)
      if (!kill(pid, stops && seen % 4 ? SIGSTOP : 0)) look(pid, words[3]), last = pid;
  printf("seen %ld before %ld reached %ld breaches %ld foreign %ld\n", seen, before, reached, breaches, foreign);
  return 0;
}
