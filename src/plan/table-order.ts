/**
 * The order of whatever line stands in the table (src/stage0/order-table.ts): its
 * words are read when the Program is played, and mounts, limits and descriptors
 * are passed over in loops.
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import {
  compute,
  jump,
  jumpIf,
  load,
  loadField,
  loop,
  set,
  store,
  when,
} from "../../syscalls/control.ts";
import { LAST_DESCRIPTOR } from "../../syscalls/constants/open.table.ts";
import { shown } from "../../syscalls/program.ts";
import type { Slot } from "../../syscalls/program.ts";
import {
  LIMIT_ROW,
  MOUNT_KIND,
  MOUNT_ROW,
  ORDER,
  ordered,
} from "../stage0/order-table.ts";
import type { OrderField } from "../stage0/order-table.ts";
import type {
  MountKinds,
  Order,
  OrderedDescriptors,
  OrderedMount,
  Word,
} from "./order.ts";
import { PLACEHOLDER } from "./placeholder.ts";

/** Which row a step was about when it failed. */
export interface Row {
  readonly first: Slot;
  readonly current: Slot;
  readonly size: number;
}

export interface TableOrder extends Order {
  readonly mountRow: Row;
  readonly limitRow: Row;
}

type Fields = Readonly<Record<OrderField, Slot>>;

/** Reads the table in the Program's first steps. */
export function planTableOrder(p: ProgramBuilder): TableOrder {
  const names = Object.keys(ORDER.fields) as OrderField[];
  const entries = names.map((name) => [name, p.slot(name)] as const);
  const fields = Object.fromEntries(entries) as Fields;
  p.part("read what is asked for", () => {
    for (const name of names) load(p, fields[name], 8, [ordered(name), 0]);
  });
  const mountRow = rowOf(p, fields.mounts, MOUNT_ROW.size);
  const limitRow = rowOf(p, fields.limits, LIMIT_ROW.size);
  return {
    ...fields,
    command: { vector: fields.command },
    commandName: PLACEHOLDER.command,
    rootfs: { address: fields.rootfs, name: PLACEHOLDER.rootfs },
    directory: { address: fields.directory, name: PLACEHOLDER.directory },
    hostname: { address: fields.hostname, name: PLACEHOLDER.hostname },
    data: [],
    eachMount: mountPasses(p, fields, mountRow),
    descriptors: planDescriptors(p, fields),
    eachLimit: (body) =>
      passOver(p, "limits", { ...limitRow, end: fields.limitsEnd }, () => {
        const [resource, limit] = [p.slot("resource"), p.slot("limit")];
        loadField(p, resource, [LIMIT_ROW, "resource"], limitRow.current);
        compute(p, limit, [
          limitRow.current,
          "+",
          LIMIT_ROW.fields.soft.offset,
        ]);
        body({ name: PLACEHOLDER.limit, resource, limit });
      }),
    mountRow,
    limitRow,
  };
}

function rowOf(p: ProgramBuilder, first: Slot, size: number): Row {
  return { first, current: p.slot(`row of the ${first.name}`), size };
}

/** Performs `body` for each row, whose address is in `current`. */
function passOver(
  p: ProgramBuilder,
  what: string,
  { first, current, size, end }: Row & { readonly end: Slot },
  body: () => void,
): void {
  p.part(`pass over the ${what}`, () => {
    set(p, current, first);
    loop(p, what, (leave) => {
      jumpIf(p, [current, "==", end], leave);
      body();
      compute(p, current, [current, "+", size]);
    });
  });
}

/** What a mount's row says, and what it keeps from one passage to the next. */
const WORDS = ["kind", "source", "target", "size", "inodes", "mode"] as const;
const CELLS = ["mount", "directory", "file"] as const;

function mountPasses(
  p: ProgramBuilder,
  { mountsEnd: end }: Fields,
  row: Row,
): Order["eachMount"] {
  const slots = Object.fromEntries(
    [...WORDS, ...CELLS].map((name) => [name, p.slot(`mount's ${name}`)]),
  ) as Readonly<Record<keyof typeof MOUNT_ROW.fields, Slot>>;
  const readOnly = p.slot("mount is read-only");
  return (body) =>
    passOver(p, "mounts", { ...row, end }, () => {
      for (const name of [...WORDS, ...CELLS])
        loadField(p, slots[name], [MOUNT_ROW, name], row.current);
      compute(p, readOnly, [slots.kind, "&", MOUNT_KIND.map]);
      body(mountOf(p, { ...slots, readOnly }));
      for (const name of CELLS) {
        const { offset } = MOUNT_ROW.fields[name];
        store(p, 8, [row.current, offset], slots[name]);
      }
    });
}

function mountOf(
  p: ProgramBuilder,
  slots: Readonly<Record<keyof typeof MOUNT_ROW.fields | "readOnly", Slot>>,
): OrderedMount {
  const { kind, size, inodes, mode, readOnly, ...rest } = slots;
  const source: Word = { address: rest.source, name: PLACEHOLDER.source };
  const target: Word = { address: rest.target, name: PLACEHOLDER.target };
  const as = ({ bind, tmpfs, hide }: MountKinds) => {
    const { tmpfs: empty, hide: hiding } = MOUNT_KIND;
    if (bind !== undefined)
      when(p, [kind, "below", shown(empty, "tmpfs")], () =>
        bind({ readOnly, source, target }),
      );
    if (tmpfs !== undefined)
      when(p, [kind, "==", shown(empty, "tmpfs")], () =>
        tmpfs({ target, size, inodes, mode }),
      );
    if (hide !== undefined)
      when(p, [kind, "==", shown(hiding, "hide")], () => hide(target));
  };
  return { ...rest, as };
}

function planDescriptors(
  p: ProgramBuilder,
  fields: Fields,
): OrderedDescriptors {
  const { report, executable, kept, keptEnd: end } = fields;
  const [aboveReport, aboveExecutable] = [
    p.slot("above the report"),
    p.slot("above the executable"),
  ];
  p.part("see which descriptors are free", () => {
    compute(p, aboveReport, [report, "+", 1]);
    compute(p, aboveExecutable, [executable, "+", 1]);
  });
  const current = p.slot("row of what is kept");
  const row = { first: kept, current, size: 8, end };
  return {
    report,
    aboveReport,
    executable,
    aboveExecutable,
    kept: [],
    eachGap: (body) => planGaps(p, fields, body),
    eachKept: (body) =>
      passOver(p, "descriptors that are kept", row, () => {
        const descriptor = p.slot("kept descriptor");
        load(p, descriptor, 8, [current, 0]);
        body(descriptor, PLACEHOLDER.descriptor);
      }),
  };
}

/** Merges what the command keeps, ascending, with our own two. */
function planGaps(
  p: ProgramBuilder,
  { report, executable, kept, keptEnd }: Fields,
  body: Parameters<OrderedDescriptors["eachGap"]>[0],
): void {
  const none = shown(LAST_DESCRIPTOR, "~0");
  const [own, at, other] = [
    p.slot("next of ours"),
    p.slot("at"),
    p.slot("next kept"),
  ];
  const [first, open, last] = [
    p.slot("first to close"),
    p.slot("next open"),
    p.slot("last to close"),
  ];
  set(p, first, 3);
  set(p, own, report);
  set(p, at, kept);
  loop(p, "gaps", (leave) => {
    const [ours, known] = [p.label("ours is next"), p.label("next is known")];
    set(p, other, none);
    when(p, [at, "!=", keptEnd], () => load(p, other, 8, [at, 0]));
    jumpIf(p, [own, "below", other], ours);
    set(p, open, other);
    compute(p, at, [at, "+", 8]);
    jump(p, known);
    p.place(ours);
    set(p, open, own);
    when(
      p,
      [own, "==", report],
      () => set(p, own, executable),
      () => set(p, own, none),
    );
    p.place(known);
    jumpIf(p, [open, "==", none], leave);
    compute(p, last, [open, "-", 1]);
    when(p, [first, "below", open], () => body(first, last));
    compute(p, first, [open, "+", 1]);
  });
  body(first, none);
}
