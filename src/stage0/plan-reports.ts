/**
 * The supervisor's end of the init's pipe (src/plan/starter): a pid 1 cannot stop
 * or die by a signal, so it says what has become of the command. A row that
 * comes raises SIGIO. fcntl(2), F_SETOWN and O_ASYNC.
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import { flag, named } from "../../syscalls/calls/operands.ts";
import { F, O } from "../../syscalls/constants/open.table.ts";
import {
  jump,
  jumpIf,
  load,
  loop,
  set,
  store,
  when,
} from "../../syscalls/control.ts";
import { union } from "../../syscalls/flags.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Label, Slot } from "../../syscalls/program.ts";
import { STARTER_KIND, STARTER_RECORD } from "../plan/starter/record.ts";
import { NO_REPORTS } from "./supervise-word.ts";

export interface Reports {
  /** Goes on at `there` if there is an init. */
  planUse(there: Label): void;
  /** From now on a row raises SIGIO. */
  planBegin(): void;
  /** Reads the row that tells of a stop into `signal`; goes on at `none` if there is no such. */
  planStopped(signal: Slot, none: Label): void;
  /** Reads to the end: how the command ended replaces how the init did. */
  planEnd(ending: { code: Slot; status: Slot }): void;
}

export function planReports(p: ProgramBuilder, pipe: Slot): Reports {
  const row = p.buffer("report", STARTER_RECORD.size);
  const [kind, size] = [p.slot("kind of report"), p.slot("size of the report")];
  // The last row may be read at any time; it counts when the init has ended.
  const ended = p.slot("the command has ended");
  const [endCode, endStatus] = [p.slot("its code"), p.slot("its status")];
  const NONE = shown(NO_REPORTS, "no reports");
  /** Performs `body` for each row that is there. */
  const each = (name: string, body: () => void) =>
    loop(p, name, (leave) => {
      // Rows are written and read whole; a shorter one is no row.
      store(p, 8, [addressOf(row), 0], 0);
      p.call("read", [pipe, row, STARTER_RECORD.size], {
        result: size,
        failure: leave,
      });
      jumpIf(p, [size, "!=", STARTER_RECORD.size], leave);
      load(p, kind, 8, [addressOf(row), 0]);
      when(p, [kind, "==", STARTER_KIND.ended], () => {
        set(p, ended, 1);
        load(p, endCode, 8, [addressOf(row), STARTER_RECORD.fields.a.offset]);
        load(p, endStatus, 8, [addressOf(row), STARTER_RECORD.fields.b.offset]);
      });
      body();
    });
  return {
    planUse: (there) => jumpIf(p, [pipe, "!=", NONE], there),
    planBegin: () =>
      when(p, [pipe, "!=", NONE], () => {
        const own = p.slot("own id");
        const how = flag("O", union(O.NONBLOCK, O.ASYNC));
        p.call("getpid", [], { result: own });
        p.call("fcntl", [pipe, named("F", F, "SETOWN"), own]);
        p.call("fcntl", [pipe, named("F", F, "SETFL"), how]);
      }),
    planStopped: (signal, none) => {
      const stopped = p.label("the command was stopped");
      each("reports", () => {
        const other = p.label("no stop");
        jumpIf(p, [kind, "!=", STARTER_KIND.stopped], other);
        load(p, signal, 8, [addressOf(row), STARTER_RECORD.fields.a.offset]);
        jump(p, stopped);
        p.place(other);
      });
      jump(p, none);
      p.place(stopped);
    },
    planEnd: ({ code, status }) =>
      when(p, [pipe, "!=", NONE], () => {
        each("last reports", () => {});
        when(p, [ended, "!=", 0], () => {
          set(p, code, endCode);
          set(p, status, endStatus);
        });
      }),
  };
}
