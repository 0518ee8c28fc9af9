/*
 * leave DIR: leaves a chroot, as who may chroot(2) can: DIR becomes the root while
 * the working directory is outside of it, from where ".." leads further up than
 * before. Tells what is in "/" then.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define STEPS 64

int main(int count, char **words) {
  if (count != 2) return 2;
  int above = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (above < 0 || chroot(words[1]) < 0 || fchdir(above) < 0) {
    perror("leave");
    return 1;
  }
  for (int i = 0; i < STEPS; i++)
    if (chdir("..") < 0) break;
  if (chroot(".") < 0) perror("leave");
  DIR *root = opendir("/");
  if (root == NULL) return 1;
  for (struct dirent *entry; (entry = readdir(root)) != NULL;)
    puts(entry->d_name);
  return 0;
}
