/*
 * tricks: makes the calls by which a process could get rights that it lacks, or
 * reach another, and prints the names of those that succeed, one a line.
 * "mount: " stands before what whoever has CAP_SYS_ADMIN inside may do to the
 * mounts of the instance. Whatever succeeds changes nothing outside.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/mount.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define CLONE_TREE 1
#define OPEN_TREE 428
#define MOVE_MOUNT 429
#define FSOPEN 430
#define FSPICK 433
#define PIDFD_OPEN 434
#define PIDFD_GETFD 438
#define MOUNT_SETATTR 442

#define TRY(name, ...)                    \
  do {                                    \
    if ((long)(__VA_ARGS__) >= 0) puts(name); \
  } while (0)

/* In a process of its own, which it would change. */
#define APART(call)                            \
  ({                                           \
    int status_ = 1;                           \
    fflush(stdout);                            \
    pid_t pid_ = fork();                       \
    if (pid_ == 0) _exit((call) ? 1 : 0);      \
    waitpid(pid_, &status_, 0);                \
    status_ ? -1 : 0;                          \
  })

static long set_attributes(const char *path, int flags, unsigned long clear) {
  struct { unsigned long set, clear, propagation, userns; } attributes = {0, clear, 0, 0};
  return syscall(MOUNT_SETATTR, AT_FDCWD, path, flags, &attributes, sizeof attributes);
}

static void try_mounts(void) {
  TRY("mount: clone the root", syscall(OPEN_TREE, AT_FDCWD, "/", CLONE_TREE | AT_RECURSIVE));
  TRY("mount: new tmpfs", syscall(FSOPEN, "tmpfs", 0));
  TRY("mount: new proc", syscall(FSOPEN, "proc", 0));
  TRY("mount: pick the root", syscall(FSPICK, AT_FDCWD, "/", 0));
  TRY("mount: root not nosuid", set_attributes("/", 0, MOUNT_ATTR_NOSUID));
  TRY("mount: dev writable", set_attributes("/dev", 0, MOUNT_ATTR_RDONLY));
  TRY("mount: move /tmp", syscall(MOVE_MOUNT, AT_FDCWD, "/tmp", AT_FDCWD, "/mnt", 0));
  TRY("mount: unmount proc", umount2("/proc", MNT_DETACH));
  TRY("mount: namespace", APART(unshare(CLONE_NEWNS)));
  TRY("every filesystem writable", set_attributes("/", AT_RECURSIVE, MOUNT_ATTR_RDONLY));
  TRY("unmount the root", umount2("/", MNT_DETACH));
  int namespace = open("/proc/1/ns/mnt", O_RDONLY | O_CLOEXEC);
  TRY("join pid 1's mounts", APART(setns(namespace, CLONE_NEWNS)));
}

static void try_kernel(void) {
  struct rlimit most = {1 << 22, 1 << 22}, all = {RLIM_INFINITY, RLIM_INFINITY};
  struct sched_param first = {.sched_priority = 1};
  long time[2] = {0}, handle[32] = {100};
  char name[64];
  char event[128] = {1, 0, 0, 0, 112}, text[64];
  int mount_id;
  TRY("block device", mknod("/tmp/block", S_IFBLK | 0666, 0x800));
  TRY("character device", mknod("/tmp/character", S_IFCHR | 0666, 0x101));
  TRY("keyctl", syscall(SYS_keyctl, 0, -3, 0, 0, 0));
  TRY("add_key", syscall(SYS_add_key, "user", "x", "y", 1, -3));
  TRY("bpf", syscall(SYS_bpf, 0, text, sizeof text));
  TRY("events of the CPU", syscall(SYS_perf_event_open, event, -1, 0, -1, 0));
  TRY("another kernel", syscall(SYS_kexec_load, 0, 0, 0, 0));
  TRY("a module", syscall(SYS_init_module, text, 0, ""));
  TRY("the time", syscall(SYS_gettimeofday, time, 0) ? -1 : syscall(SYS_settimeofday, time, 0));
  TRY("the host's name", gethostname(name, sizeof name) ? -1 : sethostname(name, strlen(name)));
  TRY("a reboot", syscall(SYS_reboot, 0xfee1dead, 672274793, 0x89abcdef, 0));
  TRY("ports of the CPU", syscall(SYS_ioperm, 0x80, 1, 1));
  TRY("a file by its handle", name_to_handle_at(AT_FDCWD, "/etc", (void *)handle, &mount_id, 0) ? -1 : open_by_handle_at(AT_FDCWD, (void *)handle, O_RDONLY));
  TRY("more descriptors", setrlimit(RLIMIT_NOFILE, &most));
  TRY("more processes", setrlimit(RLIMIT_NPROC, &all));
  TRY("priority", setpriority(PRIO_PROCESS, 0, -5));
  TRY("real time", sched_setscheduler(0, SCHED_FIFO, &first));
  TRY("raw packets", socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
  TRY("packets of the link", socket(AF_PACKET, SOCK_RAW, 0));
}

static void try_others(void) {
  char byte[8];
  struct iovec here = {byte, sizeof byte}, there = {(void *)0x10000000, sizeof byte};
  pid_t parent = getppid();
  gid_t disk = 6;
  char path[32];
  snprintf(path, sizeof path, "/proc/%d/mem", parent);
  TRY("memory of the init", open(path, O_RDWR | O_CLOEXEC));
  TRY("read the init", process_vm_readv(parent, &here, 1, &there, 1, 0));
  TRY("trace the init", ptrace(PTRACE_SEIZE, parent, 0, 0));
  int init = (int)syscall(PIDFD_OPEN, parent, 0);
  TRY("descriptor of the init", syscall(PIDFD_GETFD, init, 0, 0));
  setgroups(1, &disk);
  TRY("the disk", open("/dev/sda", O_RDONLY | O_CLOEXEC));
}

int main(int count, char **words) {
  (void)words;
  try_mounts();
  try_kernel();
  /* Only where the parent is the init: outside it is the user's own. */
  if (count == 2) try_others();
  return 0;
}
