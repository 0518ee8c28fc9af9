/** Programs as people read them. */

import { expect, test } from "bun:test";
import { ProgramBuilder } from "../../../syscalls/builder.ts";
import {
  flag,
  named,
  NULL,
  WORKING_DIRECTORY,
} from "../../../syscalls/calls/operands.ts";
import { MS } from "../../../syscalls/constants/mount.table.ts";
import { O } from "../../../syscalls/constants/open.table.ts";
import { PR } from "../../../syscalls/constants/prctl.table.ts";
import {
  callSubroutine,
  compute,
  define,
  load,
  loop,
  jumpIf,
  set,
  store,
  subroutine,
  when,
} from "../../../syscalls/control.ts";
import { union } from "../../../syscalls/flags.ts";
import { addressOf } from "../../../syscalls/program.ts";
import { renderProgram } from "../../../syscalls/render.ts";

/** The text of a Program whose faults stop it. */
function rendered(write: (p: ProgramBuilder) => void): string {
  const p = new ProgramBuilder();
  const failed = p.label("failed");
  p.faultsTo(failed, () => write(p));
  p.part("end", () => {
    p.place(failed);
    p.control("stop", [0]);
  });
  return renderProgram(p.finish());
}

test("calls print with names of flags, results and what a failure does", () => {
  const text = rendered((p) => {
    p.part("open a thing", () => {
      const away = p.label("not there");
      const flags = flag("O", union(O.PATH, O.CLOEXEC));
      const file = p.call(
        "openat",
        [WORKING_DIRECTORY, p.text("/a b"), flags, 0],
        { result: "file", failure: away },
      );
      p.call("close", [file], { failure: "continue" });
      p.place(away);
    });
    p.part("be alone", () => {
      p.call("mount", [
        NULL,
        p.text("/"),
        NULL,
        flag("MS", union(MS.REC, MS.SLAVE)),
        NULL,
      ]);
      p.call("prctl", [named("PR", PR, "SET_NO_NEW_PRIVS"), 1, 0, 0, 0]);
    });
  });
  expect(text).toMatchInlineSnapshot(`
    "# open a thing
        0  file = openat(AT_FDCWD, "/a b", O_CLOEXEC|O_PATH, 0) or not there
        1  close(file) or go on
    # be alone
    not there:
        2  mount(NULL, "/", NULL, MS_REC|MS_SLAVE, NULL)
        3  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # end
    failed:
        4  stop with 0
    "
  `);
});

test("control prints as sentences", () => {
  const text = rendered((p) => {
    p.part("count", () => {
      const [n, byte] = [p.slot("n"), p.slot("byte")];
      const buffer = p.buffer("buffer", 8);
      set(p, n, 3);
      loop(p, "numbers", (leave) => {
        jumpIf(p, [n, "==", 0], leave);
        compute(p, n, [n, "-", 1]);
        when(p, [n, "below", 2], () => store(p, 1, [buffer, n], 0x41));
      });
      load(p, byte, 4, [addressOf(buffer, 4), 0]);
      compute(p, byte, [byte, "<<", 2]);
      p.control("copy", [buffer, p.text("text"), 4]);
      p.control("find", [buffer, 8, 0], { result: n });
      const twice = subroutine(p, "twice");
      callSubroutine(p, twice);
      p.fail(2, "this");
      define(p, twice, () => compute(p, n, [n, "+", n]));
    });
  });
  expect(text).toMatchInlineSnapshot(`
    "# count
        0  n = 3
    again: numbers:
        1  if n == 0: go to done: numbers
        2  n = n - 1
        3  if n below 2: go to then
        4  go to end if
    then:
        5  u8 at &buffer + n = 65
    end if:
        6  go to again: numbers
    done: numbers:
        7  byte = u32 at &buffer+4 + 0
        8  byte = byte << 2
        9  copy 4 bytes from "text" to &buffer
       10  n = find byte 0 in 8 bytes at &buffer
       11  context = 0
       12  return address of twice = back from twice
       13  go to twice
    back from twice:
       14  fail with -2
    twice:
       15  n = n + n
       16  go to return address of twice
    # end
    failed:
       17  stop with 0
    "
  `);
});

test("bytes of names cannot move a cursor or break a line", () => {
  const text = rendered((p) => {
    p.part("name it", () => {
      p.call("chdir", [p.text('a\n\u001b[2J\u00e9"\\')]);
      p.call("chdir", [p.constant("{a\tb}", new Uint8Array(1))]);
    });
  });
  expect(text).toMatchInlineSnapshot(`
    "# name it
        0  chdir("a\\x0a\\x1b[2J\\xe9\\"\\\\")
        1  chdir({a\\x09b})
    # end
    failed:
        2  stop with 0
    "
  `);
});
