/*
 * refuse USER GROUP RULE… -- COMMAND…: executes COMMAND as them under a seccomp filter
 * that root has installed *without* no_new_privs, so that a setuid program keeps
 * its meaning. A RULE is ERRNO:NUMBER[:INDEX:MASK:VALUE]…, all decimal: the call
 * NUMBER fails with ERRNO if the low half of each argument INDEX, under MASK, is
 * VALUE. Our own execve is excepted.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

extern char **environ;
static struct sock_filter filter[1024];
static unsigned short length;

static void add(uint16_t code, uint8_t yes, uint8_t no, uint32_t value) {
  filter[length++] = (struct sock_filter){code, yes, no, value};
}

static void load(size_t offset) { add(BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset); }

/* Where the condition does not hold, on to the end of the rule: patched there. */
static void unless_equal(uint32_t value) { add(BPF_JMP | BPF_JEQ | BPF_K, 0, 255, value); }

static void add_rule(const char *text) {
  unsigned values[32], count = 0;
  for (char *end; count < 32; text = end + 1) {
    values[count++] = (unsigned)strtoul(text, &end, 10);
    if (!*end) break;
  }
  unsigned short first = length;
  load(offsetof(struct seccomp_data, nr));
  unless_equal(values[1]);
  for (unsigned at = 2; at + 2 < count; at += 3) {
    load(offsetof(struct seccomp_data, args) + 8 * values[at]);
    add(BPF_ALU | BPF_AND | BPF_K, 0, 0, values[at + 1]);
    unless_equal(values[at + 2]);
  }
  add(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | values[0]);
  for (unsigned short at = first; at < length; at++)
    if (filter[at].jf == 255) filter[at].jf = (uint8_t)(length - at - 1);
}

/* The path that we execute is at an address that nobody else uses first. */
static void allow_own(const char *path) {
  uintptr_t address = (uintptr_t)path;
  load(offsetof(struct seccomp_data, nr));
  add(BPF_JMP | BPF_JEQ | BPF_K, 0, 5, SYS_execve);
  load(offsetof(struct seccomp_data, args));
  add(BPF_JMP | BPF_JEQ | BPF_K, 0, 3, (uint32_t)address);
  load(offsetof(struct seccomp_data, args) + 4);
  add(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, (uint32_t)(address >> 32));
  add(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
}

static int fail(const char *what) {
  fprintf(stderr, "refuse: %s: %s\n", what, strerror(errno));
  return 125;
}

int main(int count, char **words) {
  int command = 3;
  while (command < count && strcmp(words[command], "--")) command++;
  if (command++ >= count - 1) return 125;
  allow_own(words[command]);
  for (int at = 3; at < command - 1; at++) add_rule(words[at]);
  add(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
  struct sock_fprog program = {length, filter};
  uid_t user = (uid_t)atol(words[1]);
  if (setgroups(0, NULL) || setgid((gid_t)atol(words[2]))) return fail("ids");
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) return fail("filter");
  /* setuid, not setresuid: that one the Program uses, and a rule may refuse it. */
  if (setuid(user)) return fail("ids");
  execve(words[command], words + command, environ);
  return fail(words[command]);
}
