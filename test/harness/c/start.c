/*
 * start SPEC: performs the records of the file SPEC in order, then execve.
 * A shell cannot hand on invalid UTF-8, an empty argv, closed descriptors 0-2
 * or a blocked signal; a program that may be started by anybody gets them all.
 *
 * A record: one letter, four bytes of length (little endian), the bytes, a NUL.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char **arguments, **environment, *program;
static size_t argument_count, environment_count;

static void fail(char letter, const char *text) {
  fprintf(stderr, "start: record %c \"%s\": %s\n", letter, text, strerror(errno));
  _exit(125);
}

static void append(char ***list, size_t *count, char *text) {
  *list = realloc(*list, (*count + 2) * sizeof(char *));
  (*list)[(*count)++] = text;
  (*list)[*count] = NULL;
}

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, action)
#define REFUSE(number, error)                               \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1),      \
      RETURN(SECCOMP_RET_ERRNO | (error))
/* Refuses a call whose first argument has CLONE_NEWUSER. */
#define REFUSE_NEWUSER(number)                              \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 4),      \
      LOAD(args[0]),                                        \
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_NEWUSER, 0, 1), \
      RETURN(SECCOMP_RET_ERRNO | EPERM),                    \
      RETURN(SECCOMP_RET_ALLOW)

static int install(const struct sock_filter *filter, unsigned short length) {
  struct sock_fprog program_ = {length, (struct sock_filter *)filter};
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program_);
}

#define INSTALL(filter) install(filter, sizeof(filter) / sizeof(*(filter)))

static int write_file(const char *path, const char *text) {
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return -1;
  ssize_t written = write(file, text, strlen(text));
  close(file);
  return written < 0 ? -1 : 0;
}

/* A user namespace of root's, all ids as they are, in which no other can be made. */
static int enter_last_user_namespace(void) {
  int ready[2], status;
  char path[64];
  pid_t self = getpid();
  if (pipe2(ready, O_CLOEXEC)) return -1;
  /* The maps of more than one id are written from outside. */
  pid_t writer = fork();
  if (writer == 0) {
    close(ready[1]);
    (void)!read(ready[0], path, 1);
    snprintf(path, sizeof path, "/proc/%d/uid_map", self);
    if (write_file(path, "0 0 65536")) _exit(1);
    snprintf(path, sizeof path, "/proc/%d/gid_map", self);
    _exit(write_file(path, "0 0 65536") ? 1 : 0);
  }
  int error = unshare(CLONE_NEWUSER);
  close(ready[0]);
  close(ready[1]);
  if (waitpid(writer, &status, 0) != writer || status) return errno = EPERM, -1;
  return error ? error : write_file("/proc/sys/user/max_user_namespaces", "0");
}

/* Run as root, so no_new_privs stays 0 and a setuid copy keeps its meaning. */
static int confine(const char *name) {
  /* What container engines do: clone3 hides its flags from a filter, so it
     "does not exist", and clone and unshare are looked into. */
  static const struct sock_filter engine[] = {
      LOAD(nr), REFUSE(SYS_clone3, ENOSYS), REFUSE_NEWUSER(SYS_clone),
      REFUSE_NEWUSER(SYS_unshare), RETURN(SECCOMP_RET_ALLOW)};
  /* What AppArmor does on Ubuntu: the namespace is made, its rights are not. */
  static const struct sock_filter stripped[] = {
      LOAD(nr), REFUSE(SYS_mount, EACCES), REFUSE(SYS_umount2, EPERM),
      REFUSE(SYS_pivot_root, EPERM), REFUSE(SYS_open_tree, EPERM),
      REFUSE(SYS_move_mount, EPERM), REFUSE(SYS_fsopen, EPERM),
      REFUSE(SYS_fsmount, EPERM), REFUSE(SYS_mount_setattr, EPERM),
      RETURN(SECCOMP_RET_ALLOW)};
  if (!strcmp(name, "by a filter, as container engines do")) return INSTALL(engine);
  if (!strcmp(name, "by taking their rights, as AppArmor does")) return INSTALL(stripped);
  if (!strcmp(name, "by a limit of 0")) return enter_last_user_namespace();
  errno = EINVAL;
  return -1;
}

static int set_groups(char *text) {
  gid_t groups[64];
  size_t count = 0;
  for (char *word = strtok(text, ","); word && count < 64; word = strtok(NULL, ","))
    groups[count++] = (gid_t)atol(word);
  return setgroups(count, groups);
}

static int block(int number) {
  sigset_t set;
  sigemptyset(&set);
  if (number == 0) sigfillset(&set);
  else sigaddset(&set, number);
  return sigprocmask(SIG_BLOCK, &set, NULL);
}

static int limit(const char *text) {
  int resource;
  unsigned long soft, hard;
  if (sscanf(text, "%d %lu %lu", &resource, &soft, &hard) != 3) return errno = EINVAL, -1;
  struct rlimit value = {soft, hard};
  return setrlimit(resource, &value);
}

/* "FD FLAGS PATH", flags as the kernel's number. */
static int open_at(const char *text) {
  int want, flags, skip = 0;
  if (sscanf(text, "%d %i %n", &want, &flags, &skip) != 2) return errno = EINVAL, -1;
  int got = open(text + skip, flags, 0666);
  if (got < 0) return -1;
  if (got == want) return 0;
  return dup2(got, want) < 0 ? -1 : close(got);
}

/* libc refuses its own, 32 and 33. */
static int ignore(long number) {
  struct { void (*handler)(int); unsigned long rest[3]; } action = {SIG_IGN, {0}};
  return (int)syscall(SYS_rt_sigaction, number, &action, NULL, 8);
}

static int perform(char letter, char *text) {
  long number = strtol(text, NULL, 0);
  switch (letter) {
    case 'a': append(&arguments, &argument_count, text); return 0;
    case 'e': append(&environment, &environment_count, text); return 0;
    case 'x': program = text; return 0;
    case 'd': return chdir(text);
    case 'c': close((int)number); return 0;
    case 'o': return open_at(text);
    case 'i': return ignore(number);
    case 'b': return block((int)number);
    case 'r': return limit(text);
    case 'u': umask((mode_t)strtol(text, NULL, 8)); return 0;
    case 'P': return setpgid(0, 0);
    case 'n': return setpriority(PRIO_PROCESS, 0, (int)number);
    case 'F': return confine(text);
    case 'g': return set_groups(text);
    case 'G': return setresgid((gid_t)number, (gid_t)number, (gid_t)number);
    case 'U': return setresuid((uid_t)number, (uid_t)number, (uid_t)number);
  }
  errno = EINVAL;
  return -1;
}

/* What the test runner itself left behind is no part of the test. */
static void forget_the_runner(void) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  for (int number = 1; number <= 64; number++) signal(number, SIG_DFL);
  close_range(3, ~0U, 0);
}

int main(int count, char **words) {
  if (count != 2) return 125;
  forget_the_runner();
  int spec = open(words[1], O_RDONLY | O_CLOEXEC);
  struct stat status;
  if (spec < 0 || fstat(spec, &status)) fail('-', words[1]);
  char *data = malloc((size_t)status.st_size + 1);
  for (ssize_t done = 0; done < status.st_size;) {
    ssize_t got = read(spec, data + done, (size_t)(status.st_size - done));
    if (got <= 0) fail('-', words[1]);
    done += got;
  }
  close(spec);
  append(&arguments, &argument_count, NULL), argument_count = 0;
  append(&environment, &environment_count, NULL), environment_count = 0;
  for (char *at = data; at < data + status.st_size;) {
    uint32_t length;
    memcpy(&length, at + 1, 4);
    if (perform(*at, at + 5)) fail(*at, at + 5);
    at += 5 + length + 1;
  }
  execve(program, arguments, environment);
  int error = errno;
  fail('x', program);
  return error;
}
