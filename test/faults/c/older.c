/*
 * older COMMAND…: executes COMMAND on what looks like Linux 5.12: every call that
 * came later does not exist (ENOSYS), and neither do the later flags of older
 * calls that selfdock asks for (EINVAL). Root installs the filter *without*
 * no_new_privs, so that a setuid program keeps its meaning.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The last call of 5.12. */
#define LAST SYS_mount_setattr
/* Linux 6.3 and 6.5. */
#define MFD_LATER 0x18
#define MOVE_MOUNT_LATER 0x200

#define LOAD(field) \
  BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, value)
/* Behind LOAD(nr), which is loaded again for the next. */
#define WITHOUT(call, argument, flags)                        \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 3),            \
      LOAD(args[argument]),                                   \
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, flags, 0, 1),      \
      RETURN(SECCOMP_RET_ERRNO | EINVAL), LOAD(nr)

int main(int count, char **words) {
  static struct sock_filter filter[] = {
      LOAD(arch),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
      RETURN(SECCOMP_RET_ALLOW),
      LOAD(nr),
      BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, LAST, 0, 1),
      RETURN(SECCOMP_RET_ERRNO | ENOSYS),
      WITHOUT(SYS_memfd_create, 1, MFD_LATER),
      WITHOUT(SYS_move_mount, 4, MOVE_MOUNT_LATER),
      RETURN(SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof(filter) / sizeof(*filter), filter};
  if (count < 2) return 125;
  if (!prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
    execvp(words[1], words + 1);
  fprintf(stderr, "older: %s: %s\n", words[1], strerror(errno));
  return 125;
}
