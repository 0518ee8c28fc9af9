/*
 * watch COMMAND…: runs it with a fanotify mark on the root filesystem, and
 * prints every create, modify, delete, move and change of attributes there that
 * came from it or its descendants. Must be pid 1 of a pid namespace of its own
 * (`unshare --pid --fork`): what anybody else on the host does then has number 0.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/wait.h>
#include <unistd.h>

static void print(int notify) {
  static char buffer[1 << 16];
  ssize_t length = read(notify, buffer, sizeof buffer);
  struct fanotify_event_metadata *event = (void *)buffer;
  for (; FAN_EVENT_OK(event, length); event = FAN_EVENT_NEXT(event, length)) {
    if (event->mask & FAN_Q_OVERFLOW) printf("overflow\n");
    if (event->pid == 0) continue;
    const char *name = "";
    if (event->event_len > sizeof *event) {
      struct fanotify_event_info_fid *info = (void *)(event + 1);
      struct file_handle *handle = (void *)info->handle;
      if (info->hdr.info_type == FAN_EVENT_INFO_TYPE_DFID_NAME)
        name = (char *)handle->f_handle + handle->handle_bytes;
    }
    printf("event %llx pid %d %s\n", (unsigned long long)event->mask, event->pid, name);
  }
}

int main(int count, char **words) {
  (void)count;
  int notify = fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_UNLIMITED_QUEUE | FAN_REPORT_DFID_NAME, O_RDONLY);
  unsigned long long mask = FAN_CREATE | FAN_MODIFY | FAN_DELETE | FAN_MOVE | FAN_ATTRIB | FAN_ONDIR;
  if (notify < 0 || fanotify_mark(notify, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, mask, AT_FDCWD, "/")) {
    fprintf(stderr, "watch: %s\n", strerror(errno));
    return 125;
  }
  pid_t child = fork();
  if (child == 0) {
    execvp(words[1], words + 1);
    _exit(127);
  }
  int status = 0, done = 0;
  while (!done) {
    struct pollfd wait_ = {notify, POLLIN, 0};
    while (poll(&wait_, 1, 20) > 0) print(notify);
    for (pid_t ended; (ended = waitpid(-1, &status, WNOHANG)) != 0;) {
      if (ended == child || ended < 0) { done = 1; break; }
    }
  }
  struct pollfd rest = {notify, POLLIN, 0};
  while (poll(&rest, 1, 50) > 0) print(notify);
  printf("ended %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  return 0;
}
