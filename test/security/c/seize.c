/*
 * seize SECONDS MOST WITHIN COMMAND…: an ordinary user against COMMAND, which he
 * starts over and over, stops with SIGSTOP WITHIN so many microseconds, and tries to
 * trace and read: it and its children. A success counts as a breach where the
 * process, or the one that started it, still has a user id of 0, unless it
 * already executes another program (its name is no longer COMMAND's).
 * Prints: attempts N privileged N reached N breaches N.
 */
#define _GNU_SOURCE
#include "reach.h"
#include <stdlib.h>
#include <time.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* One line of /proc/PID/NAME that starts with FIELD. */
static void line_of(pid_t pid, const char *name, const char *field, char *text, size_t size) {
  char path[64], line[4096];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  FILE *file = fopen(path, "re");
  *text = 0;
  while (file && fgets(line, sizeof line, file))
    if (!strncmp(line, field, strlen(field))) snprintf(text, size, "%s", line + strlen(field));
  if (file) fclose(file);
}

static int has_root(pid_t pid) {
  char ids[64];
  unsigned a = 1, b = 1, c = 1, d = 1;
  line_of(pid, "status", "Uid:", ids, sizeof ids);
  if (sscanf(ids, "%u %u %u %u", &a, &b, &c, &d) != 4) return 0;
  return !a || !b || !c || !d;
}

static int is_stopped(pid_t pid) {
  char state[64];
  line_of(pid, "status", "State:", state, sizeof state);
  return strchr(state, 'T') != NULL;
}

static pid_t child_of(pid_t pid) {
  char path[64], text[64] = {0};
  snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
  FILE *file = fopen(path, "re");
  if (!file) return 0;
  if (!fgets(text, sizeof text, file)) *text = 0;
  fclose(file);
  return (pid_t)atoi(text);
}

static long privileged, reached, breaches;

static void attempt(pid_t pid, pid_t parent, const char *command) {
  char name[512];
  kill(pid, SIGSTOP);
  for (int tries = 0; tries < 200 && !is_stopped(pid); tries++) usleep(20);
  int root = has_root(pid) || has_root(parent);
  unsigned mask = reach(pid, 1);
  root = root && (has_root(pid) || has_root(parent));
  line_of(pid, "cmdline", "", name, sizeof name);
  privileged += root;
  reached += mask != 0;
  if (!mask || !root || strcmp(name, command)) return;
  breaches++;
  fprintf(stdout, "breach: ");
  print_reach(stdout, mask);
  fprintf(stdout, "\n");
}

int main(int count, char **words) {
  if (count < 5) return 125;
  double end = now() + atof(words[1]);
  long most = atol(words[2]), attempts = 0;
  srandom((unsigned)getpid());
  for (; attempts < most && now() < end; attempts++) {
    pid_t pid = fork();
    if (pid == 0) {
      int null = open("/dev/null", O_RDWR);
      dup2(null, 0), dup2(null, 1), dup2(null, 2);
      execv(words[4], words + 4);
      _exit(127);
    }
    usleep((useconds_t)(random() % atol(words[3])));
    pid_t child = child_of(pid);
    attempt(pid, pid, words[4]);
    if (child) attempt(child, pid, words[4]);
    kill(pid, SIGKILL);
    kill(pid, SIGCONT);
    waitpid(pid, NULL, 0);
  }
  printf("attempts %ld privileged %ld reached %ld breaches %ld\n", attempts, privileged, reached, breaches);
  return 0;
}
