/*
 * phases WHAT OUT COMMAND…: runs it under root's eyes, one system call at a
 * time, from the moment it executes a program whose file is called "selfdock"
 * until that has executed another one. Ends with its status. WHAT is
 *
 *   list        writes every call: who makes it, with which ids, on which path
 *   reach       at every stop an ordinary user tries what he can on the process
 *   fail:N:E    the child's Nth call (from 0) fails with errno E
 *   crash:N:0   the child goes on at a bad address instead of its Nth call
 *   signal:N:S  the child is sent signal S before its Nth call
 *   orphan:N:S  the launcher is sent signal S before the child's Nth call
 *   launcher:N:S  the launcher is sent signal S before its own Nth call
 */
#define _GNU_SOURCE
#include "reach.h"
#include <grp.h>
#include <linux/ptrace.h>
#include <stdlib.h>
#include <sys/user.h>

#define MOST 256

struct task {
  pid_t id;
  /* A new task may stop before its parent has told of it: it waits for that. */
  int known, waits, watched, is_child, in_call;
};

static struct task tasks[MOST];
static FILE *out;
static char what[16];
static long number, value;
static pid_t launcher;
static long child_calls, launcher_calls;
static int done, ask[2], answer[2];

static struct task *task_of(pid_t id) {
  struct task *empty = NULL;
  for (int i = 0; i < MOST; i++) {
    if (tasks[i].id == id) return &tasks[i];
    if (!tasks[i].id && !empty) empty = &tasks[i];
  }
  if (!empty) abort();
  memset(empty, 0, sizeof *empty);
  empty->id = id;
  return empty;
}

static void status_of(pid_t id, const char *field, char *text, size_t size) {
  char path[64], line[512];
  snprintf(path, sizeof path, "/proc/%d/status", id);
  FILE *file = fopen(path, "re");
  *text = 0;
  while (file && fgets(line, sizeof line, file)) {
    if (strncmp(line, field, strlen(field)) || line[strlen(field)] != ':') continue;
    snprintf(text, size, "%s", line + strlen(field) + 2);
    text[strcspn(text, "\n")] = 0;
    for (char *at = text; *at; at++) if (*at == '\t') *at = ' ';
  }
  if (file) fclose(file);
}

/* Is the file that ID executes ours? */
static int is_ours(pid_t id) {
  char path[64], target[512] = {0};
  snprintf(path, sizeof path, "/proc/%d/exe", id);
  if (readlink(path, target, sizeof target - 1) < 0) return 0;
  const char *name = strrchr(target, '/');
  return name && !strncmp(name, "/selfdock", 9);
}

static void text_of(pid_t id, unsigned long address, char *text, size_t size) {
  struct iovec here = {text, size - 1}, there = {(void *)address, size - 1};
  memset(text, 0, size);
  if (process_vm_readv(id, &here, 1, &there, 1, 0) > 0) return;
  here.iov_len = there.iov_len = 4096 - (address & 4095) < size ? 4096 - (address & 4095) : size - 1;
  (void)!process_vm_readv(id, &here, 1, &there, 1, 0);
}

/* The arguments that are paths, of the calls that take some. */
static unsigned path_arguments(long call) {
  switch (call) {
    case SYS_open: case SYS_stat: case SYS_lstat: case SYS_access: case SYS_execve: case SYS_chdir:
    case SYS_mkdir: case SYS_rmdir: case SYS_creat: case SYS_unlink: case SYS_readlink: case SYS_chmod:
    case SYS_chown: case SYS_lchown: case SYS_mknod: case SYS_chroot: case SYS_umount2: case SYS_truncate:
    case SYS_statfs: return 1;
    case SYS_rename: case SYS_link: case SYS_symlink: case SYS_mount: case SYS_pivot_root: return 3;
    case SYS_openat: case SYS_openat2: case SYS_mkdirat: case SYS_mknodat: case SYS_newfstatat:
    case SYS_unlinkat: case SYS_readlinkat: case SYS_fchmodat: case SYS_fchownat: case SYS_faccessat:
    case SYS_faccessat2: case SYS_statx: case SYS_execveat: case SYS_open_tree: case SYS_mount_setattr:
      return 2;
    case SYS_symlinkat: return 5;
    case SYS_renameat: case SYS_renameat2: case SYS_linkat: case SYS_move_mount: return 10;
  }
  return 0;
}

static void write_call(const struct task *task, const struct __ptrace_syscall_info *info) {
  char ids[64], rights[32], path[256];
  status_of(task->id, "Uid", ids, sizeof ids);
  status_of(task->id, "CapEff", rights, sizeof rights);
  const char *who = task->is_child ? "child" : task->id == launcher ? "launcher" : "thread";
  fprintf(out, "%s|%llu|%s|%s|%llx|%llx", who, (unsigned long long)info->entry.nr, ids, rights,
          (unsigned long long)info->entry.args[0], (unsigned long long)info->entry.args[2]);
  unsigned paths = path_arguments((long)info->entry.nr);
  for (int i = 0; i < 4; i++) {
    if (!(paths >> i & 1)) continue;
    text_of(task->id, info->entry.args[i], path, sizeof path);
    for (char *at = path; *at; at++) if (*at == '|' || *at == '\n') *at = '?';
    fprintf(out, "|%s", path);
  }
  fprintf(out, "\n");
}

static void serve(uid_t user) {
  pid_t id;
  setgroups(0, NULL);
  if (setresgid(user, user, user) || setresuid(user, user, user)) _exit(1);
  while (read(ask[0], &id, sizeof id) == sizeof id) {
    unsigned mask = reach(id, 0);
    if (write(answer[1], &mask, sizeof mask) != sizeof mask) break;
  }
  _exit(0);
}

static void try_to_reach(const struct task *task, long call) {
  unsigned mask = 0;
  char ids[64], own[64];
  if (write(ask[1], &task->id, sizeof task->id) < 0 || read(answer[0], &mask, sizeof mask) != sizeof mask) abort();
  status_of(launcher, "Uid", own, sizeof own);
  status_of(task->id, "Uid", ids, sizeof ids);
  fprintf(out, "%s|%ld|%s|%s|", task->is_child ? "child" : "launcher", call, ids, own);
  print_reach(out, mask);
  fprintf(out, "\n");
}

/* At a call's entry: what WHAT asks for. */
static void at_entry(struct task *task, const struct __ptrace_syscall_info *info) {
  long own = task->is_child ? child_calls++ : task->id == launcher ? launcher_calls++ : -1;
  if (!strcmp(what, "list")) write_call(task, info);
  if (!strcmp(what, "reach")) try_to_reach(task, (long)info->entry.nr);
  if (!strcmp(what, "launcher") && task->id == launcher && own == number) {
    fprintf(out, "hit|%llu\n", (unsigned long long)info->entry.nr), done = 1, kill(launcher, (int)value);
  }
  if (!task->is_child || own != number) return;
  if (!strcmp(what, "fail") || !strcmp(what, "crash")) {
    struct user_regs_struct registers;
    ptrace(PTRACE_GETREGS, task->id, 0, &registers);
    registers.orig_rax = (unsigned long long)-1;
    if (*what == 'c') registers.rip = 8;
    else task->in_call = 2;
    ptrace(PTRACE_SETREGS, task->id, 0, &registers);
    if (*what == 'c') {
      /* Pid 1 of a namespace outlives its crashes as long as it is traced. */
      ptrace(PTRACE_DETACH, task->id, 0, 0);
      task->id = 0;
    }
  } else if (!strcmp(what, "signal")) {
    kill(task->id, (int)value);
  } else if (!strcmp(what, "orphan")) {
    kill(launcher, (int)value);
  } else return;
  fprintf(out, "hit|%llu\n", (unsigned long long)info->entry.nr);
  done = 1;
}

static void at_stop(struct task *task) {
  struct __ptrace_syscall_info info;
  if (ptrace(PTRACE_GET_SYSCALL_INFO, task->id, sizeof info, &info) <= 0) return;
  if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
    task->in_call = 1;
    at_entry(task, &info);
  } else if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
    if (task->in_call == 2) {
      struct user_regs_struct registers;
      ptrace(PTRACE_GETREGS, task->id, 0, &registers);
      registers.rax = (unsigned long long)-value;
      ptrace(PTRACE_SETREGS, task->id, 0, &registers);
    } else if (!strcmp(what, "reach")) try_to_reach(task, -1);
    task->in_call = 0;
  }
}

/* How a task goes on: watched call by call where WHAT needs it. */
static enum __ptrace_request how(const struct task *task) {
  int all = !strcmp(what, "list") || !strcmp(what, "reach") || !strcmp(what, "launcher");
  if (done && !task->in_call) return PTRACE_CONT;
  return task->watched && (all || task->is_child) ? PTRACE_SYSCALL : PTRACE_CONT;
}

static void at_event(struct task *task, int event) {
  unsigned long message = 0;
  ptrace(PTRACE_GETEVENTMSG, task->id, 0, &message);
  if (event == PTRACE_EVENT_EXEC) {
    if (is_ours(task->id)) {
      task->watched = 1;
      if (!launcher) launcher = task->id;
    } else if (launcher) {
      task->watched = 0;
      if (task->is_child) fprintf(out, "executed\n");
    }
  } else if (event == PTRACE_EVENT_CLONE || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_FORK) {
    struct task *born = task_of((pid_t)message);
    born->known = 1;
    born->watched = task->watched;
    /* A thread reports CLONE; what is made with CLONE_VFORK reports VFORK. */
    born->is_child = task->watched && event != PTRACE_EVENT_CLONE;
    if (born->waits) ptrace(how(born), born->id, 0, 0);
  }
}

static int watch(pid_t first) {
  int status, result = 0;
  for (pid_t id; (id = waitpid(-1, &status, __WALL)) > 0;) {
    struct task *task = task_of(id);
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
      task->id = 0;
      if (id != first) continue;
      result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      close(ask[1]); /* the server ends; what else is left is waited for */
      continue;
    }
    if (!task->known) {
      task->waits = 1;
      continue;
    }
    int signal_ = WSTOPSIG(status), event = status >> 16;
    if (signal_ == (SIGTRAP | 0x80)) at_stop(task), signal_ = 0;
    else if (event) at_event(task, event), signal_ = 0;
    else if (signal_ == SIGSTOP || signal_ == SIGTRAP) signal_ = 0;
    ptrace(how(task), id, 0, signal_);
  }
  return result;
}

int main(int count, char **words) {
  long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEFORK |
                 PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
  if (count < 4 || sscanf(words[1], "%15[a-z]:%ld:%ld", what, &number, &value) < 1) return 125;
  /* A traced thread that has died counts until it is waited for: the launcher's must not linger. */
  if (!strcmp(what, "orphan")) options &= ~PTRACE_O_TRACECLONE;
  out = fopen(words[2], "we");
  if (!out || pipe2(ask, O_CLOEXEC) || pipe2(answer, O_CLOEXEC)) return 125;
  pid_t server = fork();
  if (server == 0) {
    close(ask[1]);
    serve(1000);
  }
  close(ask[0]);
  pid_t first = fork();
  if (first == 0) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    execvp(words[3], words + 3);
    _exit(127);
  }
  close(answer[1]);
  waitpid(first, NULL, 0);
  ptrace(PTRACE_SETOPTIONS, first, 0, options);
  task_of(first)->known = 1;
  ptrace(PTRACE_CONT, first, 0, 0);
  int result = watch(first);
  fprintf(out, "calls|%ld|%ld\n", child_calls, launcher_calls);
  fclose(out);
  return result;
}
