/** What another runtime than Bun gets for the library. */

throw new Error(
  "Cannot load the library of selfdock: it is for programs that Bun runs (https://bun.com); any program can start the executable of this package",
);
