/*
 * launch [-n TIMES] COMMAND…: the C yardstick. It makes the instance that a plain
 * `selfdock run COMMAND` makes, by the same system calls in the same order, and
 * nothing else: no options, no messages, no supervision but waiting. What it
 * takes is what the kernel takes. With -n (rootless) one instance after another
 * from one process. Rootless, or privileged if it is setuid root.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define OLD_MS_SLAVE_REC (0x80000 | 0x4000)
#define DETACH 2
#define BENEATH 0x200
#define EMPTY (MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH)
#define STATMOUNT_CALL 457
#define LISTMOUNT_CALL 458

/* linux/mount.h of Linux 6.8 and later. */
struct request { uint32_t size, spare; uint64_t id, param; };
struct answer {
  uint32_t size, options; uint64_t mask; uint32_t device[2]; uint64_t magic;
  uint32_t flags, type; uint64_t id, parent; uint32_t id_old, parent_old;
  uint64_t attributes, propagation, group, master, from;
  uint32_t root, point; uint64_t namespace_; uint32_t more[2]; uint64_t spare[48];
  char text[8192];
};

__asm__(".section .rodata\n.globl starter, starter_end\n"
        "starter: .incbin \"starter\"\nstarter_end:\n.text\n");
extern const char starter[], starter_end[];

extern int mount(const char *, const char *, const char *, unsigned long, const void *);
extern int umount2(const char *, int);

static int elevated, rootless;
static uid_t uid;
static gid_t gid;
static char **command;
static int lifeline[2], report[2];
static char stack[65536] __attribute__((aligned(16)));

#define MUST(call)                                             \
  ({                                                           \
    long result_ = (long)(call);                               \
    if (result_ < 0) fail(#call, __LINE__);                    \
    result_;                                                   \
  })

static void fail(const char *what, int line) {
  fprintf(stderr, "launch:%d: %s: %s\n", line, what, strerror(errno));
  _exit(124);
}

static void as_root(void) { if (elevated) MUST(setresuid(-1, 0, -1)); }
static void as_user(void) { if (elevated) MUST(setresuid(-1, uid, -1)); }

/* CAP_SYS_ADMIN, with the user's effective id. */
static void administer(int raise) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct sets[2];
  if (!elevated) return;
  MUST(syscall(SYS_capget, &header, sets));
  sets[0].effective = raise ? 1u << CAP_SYS_ADMIN : 0;
  MUST(syscall(SYS_capset, &header, sets));
}

static void put(const char *path, const char *text) {
  int file = MUST(open(path, O_WRONLY | O_CLOEXEC));
  MUST(write(file, text, strlen(text)));
  close(file);
}

/* A new filesystem; options are pairs of key and value, ended by NULL. */
static int filesystem(const char *type, const char **options, unsigned attributes) {
  int context = MUST(syscall(SYS_fsopen, type, FSOPEN_CLOEXEC));
  for (; *options; options += 2)
    MUST(syscall(SYS_fsconfig, context, options[1] ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, options[0], options[1], 0));
  MUST(syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
  int result = MUST(syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, attributes));
  close(context);
  return result;
}

static int clone_of(int at, const char *path, unsigned more) {
  return MUST(syscall(SYS_open_tree, at, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | more));
}

static void attributes(int at, uint64_t set, unsigned flags, uint64_t propagation) {
  struct mount_attr attr = {.attr_set = set, .propagation = propagation};
  MUST(syscall(SYS_mount_setattr, at, "", AT_EMPTY_PATH | flags, &attr, sizeof attr));
}

static void onto(int mount_, int place) { MUST(syscall(SYS_move_mount, mount_, "", place, "", EMPTY)); }

static int place_in(int root, const char *path) {
  struct open_how how = {.flags = O_PATH | O_CLOEXEC | O_NOFOLLOW, .resolve = RESOLVE_IN_ROOT};
  return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

static const char *const DEVICES[] = {"null", "zero", "full", "random", "urandom", "tty"};
static const int MINORS[] = {3, 5, 7, 8, 9, 0};

static void map_ids(void) {
  char text[64];
  put("/proc/self/setgroups", "deny");
  snprintf(text, sizeof text, "%u %u 1", gid, gid);
  put("/proc/self/gid_map", text);
  snprintf(text, sizeof text, "%u %u 1", uid, uid);
  put("/proc/self/uid_map", text);
}

static int is_own(const char *path) {
  return !strcmp(path, "/proc") || !strcmp(path, "/dev") || !strcmp(path, "/tmp");
}

#define AT_ONCE 16

/* A cover onto each, of its kind; with privilege what it covers is taken away. */
static void cover_places(int covers, const int *places, int count) {
  struct statx place;
  if (count == 0) return;
  as_root();
  for (int i = 0; i < count; i++) {
    MUST(statx(places[i], "", AT_EMPTY_PATH, STATX_TYPE, &place));
    int directory = S_ISDIR(place.stx_mode);
    int one = clone_of(covers, directory ? "directory" : "file", 0);
    if (rootless || !directory) onto(one, places[i]);
    else {
      MUST(syscall(SYS_move_mount, one, "", places[i], "", EMPTY | BENEATH));
      MUST(syscall(SYS_move_mount, places[i], "", covers, "taken", MOVE_MOUNT_F_EMPTY_PATH));
    }
    close(one);
    close(places[i]);
  }
  as_user();
}

/* Covers what is mounted on the root filesystem, as listmount and statmount tell it. */
static void cover(int root, int covers) {
  static uint64_t ids[4096];
  static struct answer answer;
  struct statx place;
  int places[AT_ONCE], found = 0;
  MUST(statx(root, "", AT_EMPTY_PATH, 0x4000 /* STATX_MNT_ID_UNIQUE */, &place));
  uint64_t base = place.stx_mnt_id;
  struct request list = {24, 0, UINT64_MAX, base};
  long count = MUST(syscall(LISTMOUNT_CALL, &list, ids, 4096, 0));
  if (rootless) {
    int under = place_in(root, "/proc");
    onto(covers, under);
    close(under);
  } else {
    as_root();
    onto(covers, root);
    as_user();
  }
  for (long i = 0; i < count; i++) {
    /* MNT_BASIC; and with it SB_BASIC, MNT_ROOT, MNT_POINT, SB_SOURCE */
    struct request one = {24, 0, ids[i], 2};
    if (syscall(STATMOUNT_CALL, &one, &answer, 512, 0) < 0) continue;
    if (answer.parent != base) continue;
    one.param = 1 | 2 | 8 | 16 | 0x200;
    if (syscall(STATMOUNT_CALL, &one, &answer, sizeof answer, 0) < 0) continue;
    const char *path = answer.text + answer.point;
    if (rootless && is_own(path)) continue;
    int there = place_in(root, path);
    if (there < 0) continue;
    places[found++] = there;
    if (found < AT_ONCE) continue;
    cover_places(covers, places, found);
    found = 0;
  }
  cover_places(covers, places, found);
  if (rootless) return;
  as_root();
  MUST(fchdir(covers));
  MUST(umount2(".", DETACH));
  as_user();
}

static void confine(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct none[2] = {{0}};
  struct sock_filter allow[64];
  struct sock_fprog program = {64, allow};
  for (int i = 0; i < 63; i++)
    allow[i] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0xffff0000u + i, 0, 0);
  allow[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0);
  allow[63] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  as_root();
  for (int i = 0; prctl(PR_CAPBSET_DROP, i, 0, 0, 0) >= 0; i++) {}
  if (elevated) MUST(setresuid(0, -1, -1));
  if (elevated) MUST(setresuid(uid, uid, uid));
  MUST(syscall(SYS_capset, &header, none));
  MUST(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
  MUST(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program));
}

static void fill(int dev, const int *nodes) {
  as_root();
  for (int i = 0; i < 6; i++) {
    if (rootless) {
      int file = MUST(openat(dev, DEVICES[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
      onto(nodes[i], file);
      close(file);
      close(nodes[i]);
    } else
      MUST(mknodat(dev, DEVICES[i], S_IFCHR | 0666, makedev(i == 5 ? 5 : 1, MINORS[i])));
  }
  MUST(symlinkat("/proc/self/fd", dev, "fd"));
  MUST(symlinkat("/proc/self/fd/0", dev, "stdin"));
  MUST(symlinkat("/proc/self/fd/1", dev, "stdout"));
  MUST(symlinkat("/proc/self/fd/2", dev, "stderr"));
  MUST(symlinkat("pts/ptmx", dev, "ptmx"));
  MUST(mkdirat(dev, "pts", 0755));
  MUST(mkdirat(dev, "shm", 01777));
  int pts = filesystem("devpts", (const char *[]){"ptmxmode", "666", NULL}, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
  int at = MUST(openat(dev, "pts", O_PATH | O_CLOEXEC));
  onto(pts, at);
  close(at);
  close(pts);
  as_user();
}

static int child(void *unused) {
  static char uid_text[16], gid_text[16];
  int nodes[6];
  (void)unused;
  administer(0);
  close(lifeline[1]);
  umask(0);
  if (rootless) map_ids();
  as_root();
  MUST(mount(NULL, "/", NULL, OLD_MS_SLAVE_REC, NULL));
  as_user();
  int root = MUST(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  for (int i = 0; rootless && i < 6; i++) {
    char path[32];
    snprintf(path, sizeof path, "/dev/%s", DEVICES[i]);
    nodes[i] = clone_of(AT_FDCWD, path, 0);
    attributes(nodes[i], MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, 0, 0);
  }
  as_root();
  int covers = filesystem("tmpfs", (const char *[]){"size", "0", "nr_inodes", "0", "mode", "755", NULL}, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
  MUST(mkdirat(covers, "directory", 0755));
  close(MUST(openat(covers, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0644)));
  if (!rootless) MUST(mkdirat(covers, "taken", 0755));
  attributes(covers, MOUNT_ATTR_RDONLY, 0, 0);
  int proc = filesystem("proc", (const char *[]){NULL}, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
  int dev = filesystem("tmpfs", (const char *[]){"size", "268435456", "nr_inodes", "65536", "mode", "755", NULL}, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
  snprintf(uid_text, sizeof uid_text, "%u", uid);
  snprintf(gid_text, sizeof gid_text, "%u", gid);
  int tmp = filesystem("tmpfs", (const char *[]){"size", "268435456", "nr_inodes", "262144", "mode", "1777", "uid", uid_text, "gid", gid_text, NULL}, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
  if (!rootless) {
    int self = MUST(syscall(SYS_pidfd_open, 1, 0));
    MUST(setns(self, CLONE_NEWNS));
    close(self);
  }
  attributes(root, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_RDONLY, AT_RECURSIVE, rootless ? 0 : 0x40000 /* MS_PRIVATE */);
  MUST(fchdir(root));
  as_user();
  int file = MUST(syscall(SYS_memfd_create, "starter", 1 | 2 | 0x10));
  MUST(pwrite(file, starter, starter_end - starter, 0));
  MUST(fcntl(file, F_ADD_SEALS, 15));
  cover(root, covers);
  int places[3];
  const char *const names[] = {"/proc", "/tmp", "/dev"};
  const int own[] = {proc, tmp, dev};
  for (int i = 0; i < 3; i++) {
    places[i] = MUST(place_in(root, names[i]));
    as_root();
    onto(own[i], places[i]);
    as_user();
    close(places[i]);
  }
  fill(dev, nodes);
  confine();
  umask(022);
  MUST(prctl(PR_SET_PDEATHSIG, SIGKILL));
  MUST(dup3(file, 4, O_CLOEXEC));
  MUST(dup3(report[1], 3, O_CLOEXEC));
  MUST(syscall(SYS_close_range, 5, ~0U, 0));
  MUST(setpgid(0, 0));
  MUST(chdir("/"));
  syscall(SYS_execveat, 4, "", command, environ, AT_EMPTY_PATH);
  fail("execveat", __LINE__);
  return 124;
}

/* One instance, to its end: its status. */
static int launch(void) {
  char byte;
  siginfo_t info;
  MUST(pipe2(report, O_CLOEXEC));
  MUST(pipe2(lifeline, O_CLOEXEC));
  if (rootless) MUST(prctl(PR_SET_DUMPABLE, 1));
  administer(1);
  int flags = CLONE_VM | CLONE_VFORK | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | SIGCHLD;
  pid_t pid = MUST(clone(child, stack + sizeof stack, flags | (rootless ? CLONE_NEWUSER : 0), NULL));
  if (elevated) MUST(setresuid(uid, uid, uid));
  close(report[1]);
  while (read(report[0], &byte, 1) < 0 && errno == EINTR) {}
  MUST(waitid(P_PID, pid, &info, WEXITED));
  close(report[0]);
  close(lifeline[0]);
  close(lifeline[1]);
  return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

int main(int count, char **words) {
  int times = 1, status = 0;
  if (count < 2) return 124;
  command = words + 1;
  if (!strcmp(words[1], "-n") && count > 3) {
    times = atoi(words[2]);
    command = words + 3;
  }
  uid = getuid();
  gid = getgid();
  elevated = geteuid() == 0 && uid != 0;
  rootless = geteuid() != 0;
  as_user();
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
  while (times-- > 0 && status == 0) status = launch();
  return status;
}
