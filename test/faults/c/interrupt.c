/*
 * interrupt OUT WHO N SIGNAL COMMAND…: runs COMMAND, which becomes selfdock, and
 * sends the launcher SIGNAL right before the Nth call (from 0) that WHO makes:
 *
 *   1, 2 …    the first process that it makes, the second …, from its first call
 *             to its execve or its end
 *   launcher  from the moment it has made one to its end as the supervisor
 *
 * A launcher that was killed is dead before the call is made; one that was
 * stopped is continued 20 ms later. Then nobody traces anything any more. Where
 * all is at rest for so long that there will be no Nth call, it happens then. Writes
 * `hit CALL` to OUT if there was such a call, `ended STATUS` (a wait status),
 * and `left N` processes that had not ended of themselves. Must be root.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define REST 1

#define MOST 16

static pid_t launcher, made[MOST];
/* Which of those made is counted; 0: the launcher. */
static int ordinal, count_made, signal_to_send;
static long wanted, calls;
static FILE *out;

static pid_t counted(void) {
  return ordinal ? made[ordinal - 1] : count_made ? launcher : 0;
}

static void wait_for_death(void) {
  int status;
  for (pid_t id; (id = waitpid(-1, &status, __WALL)) > 0;) {
    if (id == launcher && (WIFEXITED(status) || WIFSIGNALED(status))) return;
    if (WIFSTOPPED(status) && id != counted()) ptrace(PTRACE_CONT, id, 0, 0);
  }
}

/* Ends the tracer if this was the call: whoever is traced goes on untraced. */
static void count_call(pid_t id) {
  struct __ptrace_syscall_info info;
  if (ptrace(PTRACE_GET_SYSCALL_INFO, id, sizeof info, &info) <= 0) return;
  if (info.op != PTRACE_SYSCALL_INFO_ENTRY || calls++ != wanted) return;
  fprintf(out, "hit %llu\n", (unsigned long long)info.entry.nr);
  fclose(out);
  kill(launcher, signal_to_send);
  if (signal_to_send == SIGKILL && ordinal) wait_for_death();
  _exit(0);
}

static int is_thread(pid_t id) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/task/%d", launcher, id);
  return !access(path, F_OK);
}

static enum __ptrace_request how(pid_t id) {
  return id == counted() ? PTRACE_SYSCALL : PTRACE_CONT;
}

static void add_made(pid_t id) {
  for (int index = 0; index < count_made; index++)
    if (made[index] == id) return;
  if (count_made < MOST && !is_thread(id)) made[count_made++] = id;
}

static void trace(int go) {
  alarm(REST);
  long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEEXEC;
  if (ptrace(PTRACE_SEIZE, launcher, 0, options)) _exit(125);
  (void)!write(go, "", 1);
  int status, seen = 0;
  for (pid_t id; (id = waitpid(-1, &status, __WALL)) > 0;) {
    if (!WIFSTOPPED(status)) continue;
    int event = status >> 16, signal_ = WSTOPSIG(status);
    /* Without CLONE_VFORK it has not stopped yet when the launcher goes on to its helpers. */
    unsigned long another = 0;
    int is_made = event == PTRACE_EVENT_CLONE || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_FORK;
    if (is_made) ptrace(PTRACE_GETEVENTMSG, id, 0, &another);
    add_made(is_made ? (pid_t)another : id);
    if (event == PTRACE_EVENT_EXEC && ordinal && id == counted() && seen++ == 0) _exit(1);
    if (signal_ == (SIGTRAP | 0x80)) count_call(id);
    int pass = event || signal_ == (SIGTRAP | 0x80) ? 0 : signal_;
    ptrace(how(id), id, 0, pass);
  }
  _exit(1);
}

/* Every process that is left becomes our child; one that stays is ended. */
static int count_left(void) {
  int left = 0;
  for (int turn = 0; turn < 1000; turn++) {
    pid_t id;
    while ((id = waitpid(-1, NULL, WNOHANG | __WALL)) > 0) continue;
    if (id < 0) return left;
    if (turn == 100) {
      char path[64], text[4096] = {0};
      snprintf(path, sizeof path, "/proc/%d/task/%d/children", getpid(), getpid());
      int file = open(path, O_RDONLY | O_CLOEXEC);
      if (read(file, text, sizeof text - 1) < 0) return -1;
      for (char *word = strtok(text, " "); word; word = strtok(NULL, " "), left++) kill(atoi(word), SIGKILL);
      close(file);
    }
    usleep(10000);
  }
  return -1;
}

int main(int count, char **words) {
  int go[2], status = 0;
  if (count < 6 || pipe2(go, O_CLOEXEC) || prctl(PR_SET_CHILD_SUBREAPER, 1)) return 125;
  out = fopen(words[1], "ae");
  ordinal = strcmp(words[2], "launcher") ? atoi(words[2]) : 0;
  wanted = atol(words[3]);
  signal_to_send = atoi(words[4]);
  launcher = fork();
  if (launcher == 0) {
    char start;
    if (read(go[0], &start, 1) == 1) execv(words[5], words + 5);
    _exit(125);
  }
  pid_t tracer = fork();
  if (tracer == 0) trace(go[1]);
  waitpid(tracer, &status, 0);
  if (WIFSIGNALED(status)) kill(launcher, signal_to_send);
  if (signal_to_send == SIGSTOP) {
    usleep(20000);
    kill(launcher, SIGCONT);
  }
  waitpid(launcher, &status, 0);
  int left = count_left();
  fprintf(out, "ended %d\nleft %d\n", status, left);
  fclose(out);
  return 0;
}
