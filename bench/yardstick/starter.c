/*
 * What the yardstick's instance executes first, from memory, as selfdock's does:
 * it executes its arguments. Without a C library, so it starts in no time.
 */

#include <asm/unistd.h>

static long call3(long number, const void *a, const void *b, const void *c) {
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c)
                   : "rcx", "r11", "memory");
  return result;
}

__attribute__((used)) void start(long *stack) {
  char **arguments = (char **)(stack + 1);
  call3(__NR_execve, arguments[0], arguments, arguments + stack[0] + 1);
  call3(__NR_exit_group, (void *)127, 0, 0);
}

__asm__(".globl _start\n_start: mov %rsp, %rdi\n and $-16, %rsp\n call start\n");
