/*
 * twice PATH: the stand-in for a careless setuid program. Run by root, it
 * becomes one whose real user is 1000; asks whether that user may read PATH
 * (access takes the real ids), and then looks PATH up again, as root.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

int main(int count, char **words) {
  char text[4096];
  if (count != 2 || setresuid(1000, 0, 0) || access(words[1], R_OK)) return 1;
  int file = open(words[1], O_RDONLY);
  ssize_t size = read(file, text, sizeof text);
  return size < 0 || write(1, text, (size_t)size) != size;
}
