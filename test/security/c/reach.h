/*
 * What a process may try on another: each way that succeeds is a bit. A bad
 * address (EFAULT) means that the kernel had already said yes.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const reach_names[] = {
    "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp", "mem", "mem for writing",
    "environ", "maps", "auxv", "syscall", "stack", "personality", "cwd", "root", "exe",
    "ns/mnt", "fd", "map_files", "oom_score_adj", "timers", "ptrace"};
enum { REACH_WAYS = sizeof reach_names / sizeof *reach_names };

static int reach_file(pid_t pid, const char *name, int flags) {
  char path[64], byte;
  snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  int file = open(path, flags | O_CLOEXEC);
  if (file < 0) return 0;
  ssize_t got = (flags & O_ACCMODE) == O_RDONLY ? read(file, &byte, 1) : pwrite(file, "", 0, 0);
  int error = errno;
  close(file);
  return got > 0 || ((flags & O_ACCMODE) != O_RDONLY && got == 0) || (got < 0 && (error == EIO || error == EFAULT));
}

static int reach_link(pid_t pid, const char *name) {
  char path[64], target[256];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  return readlink(path, target, sizeof target) >= 0;
}

static int reach_directory(pid_t pid, const char *name) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  DIR *directory = opendir(path);
  if (!directory) return 0;
  int found = 0;
  for (struct dirent *entry; (entry = readdir(directory));) found |= entry->d_name[0] != '.';
  closedir(directory);
  return found;
}

static int reach_memory(pid_t pid, long call) {
  char byte = 0;
  struct iovec here = {&byte, 1}, there = {(void *)16, 1};
  return syscall(call, pid, &here, 1, &there, 1, 0) >= 0 || errno == EFAULT;
}

static int reach_descriptor(pid_t pid) {
  int handle = (int)syscall(SYS_pidfd_open, pid, 0);
  if (handle < 0) return 0;
  int got = (int)syscall(SYS_pidfd_getfd, handle, 1, 0), error = errno;
  close(handle);
  if (got >= 0) close(got);
  return got >= 0 || error == EBADF;
}

static int reach_ptrace(pid_t pid) {
  if (ptrace(PTRACE_SEIZE, pid, 0, 0)) return 0;
  /* Only a stopped tracee is let go; the interrupt stops it. */
  ptrace(PTRACE_INTERRUPT, pid, 0, 0);
  waitpid(pid, NULL, __WALL);
  ptrace(PTRACE_DETACH, pid, 0, 0);
  return 1;
}

/* The ways that work on PID, as bits of reach_names. */
static unsigned reach(pid_t pid, int with_ptrace) {
  int done[REACH_WAYS] = {
      reach_memory(pid, SYS_process_vm_readv), reach_memory(pid, SYS_process_vm_writev),
      reach_descriptor(pid), syscall(SYS_kcmp, pid, getpid(), KCMP_VM, 0, 0) >= 0,
      reach_file(pid, "mem", O_RDONLY), reach_file(pid, "mem", O_RDWR),
      reach_file(pid, "environ", O_RDONLY), reach_file(pid, "maps", O_RDONLY),
      reach_file(pid, "auxv", O_RDONLY), reach_file(pid, "syscall", O_RDONLY),
      reach_file(pid, "stack", O_RDONLY), reach_file(pid, "personality", O_RDONLY),
      reach_link(pid, "cwd"), reach_link(pid, "root"), reach_link(pid, "exe"), reach_link(pid, "ns/mnt"),
      reach_directory(pid, "fd"), reach_directory(pid, "map_files"),
      reach_file(pid, "oom_score_adj", O_WRONLY), reach_file(pid, "timers", O_RDONLY),
      with_ptrace && reach_ptrace(pid)};
  unsigned mask = 0;
  for (unsigned way = 0; way < REACH_WAYS; way++) mask |= (unsigned)done[way] << way;
  return mask;
}

static void print_reach(FILE *out, unsigned mask) {
  for (unsigned way = 0; way < REACH_WAYS; way++)
    if (mask >> way & 1) fprintf(out, "%s%s", way && mask & ((1u << way) - 1) ? "," : "", reach_names[way]);
}
