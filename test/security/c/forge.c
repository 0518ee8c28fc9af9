/*
 * forge KIND SELFDOCK NAME COMMAND…: makes what looks like an instance without
 * being one. COMMAND is pid 1 of namespaces that selfdock has not made, and its
 * parent is a genuine selfdock, which was executed by its parent and told to
 * mind it. KIND is
 *
 *   own      a user namespace and others in it, of the user's own making
 *   adopted  namespaces of root's making: the parent is a subreaper that has
 *            adopted COMMAND from a program of root's (this one, setuid) that
 *            has made them for the user, as container runtimes do, and ended
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void write_file(const char *path, const char *text) {
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0 || write(file, text, strlen(text)) < 0) _exit(120);
  close(file);
}

static void die(int status) {
  perror("forge");
  _exit(status);
}

/* The child of new namespaces; COMMAND is executed once the parent is selfdock. */
static pid_t make(unsigned long flags, char **command, uid_t user) {
  char map[64];
  snprintf(map, sizeof map, "%u %u 1", user, user);
  pid_t pid = (pid_t)syscall(SYS_clone, flags | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | SIGCHLD, 0, 0, 0, 0);
  if (pid) return pid;
  if (flags & CLONE_NEWUSER) {
    write_file("/proc/self/setgroups", "deny");
    write_file("/proc/self/uid_map", map);
    write_file("/proc/self/gid_map", map);
  }
  if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL)) die(121);
  if (mount("proc", "/proc", "proc", 0, NULL)) die(122);
  if (!(flags & CLONE_NEWUSER) && (setresgid(user, user, user) || setresuid(user, user, user))) die(123);
  execv(command[0], command);
  die(124);
  return 0;
}

static pid_t adopt(char **words) {
  pid_t own = getpid();
  uid_t user = getuid();
  if (setresuid(user, user, user)) die(113);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  pid_t maker = fork();
  if (maker == 0) {
    words[1] = "root";
    execv("/proc/self/exe", words);
    die(119);
  }
  waitpid(maker, NULL, 0);
  /* What it has left is ours now. */
  char path[64], text[64] = {0};
  snprintf(path, sizeof path, "/proc/%d/task/%d/children", own, own);
  FILE *file = fopen(path, "re");
  if (!file || !fgets(text, sizeof text, file)) die(118);
  return (pid_t)atoi(text);
}

int main(int count, char **words) {
  if (count < 5) return 125;
  if (!strcmp(words[1], "root")) {
    uid_t user = getuid();
    if (setresuid(0, 0, 0) || setresgid(0, 0, 0)) die(117);
    return make(0, words + 4, user) > 0 ? 0 : 116;
  }
  pid_t pid = !strcmp(words[1], "own") ? make(CLONE_NEWUSER, words + 4, getuid()) : adopt(words);
  if (pid <= 0) die(115);
  char word[128];
  snprintf(word, sizeof word, "SELFDOCK_SUPERVISE=%08x1ffffffff1selfdock", (unsigned)pid);
  char *environment[] = {word, NULL};
  /* The file may be setuid: what it gained would hide it. */
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  char *argv[] = {"selfdock", "run", "--name", words[3], "sleep", "60", NULL};
  execve(words[2], argv, environment);
  die(114);
}
