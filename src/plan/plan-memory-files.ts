/**
 * `--hide` and `--data`: entries of the filesystem in memory that also holds the
 * covers. Security model: what hides has no permission for anybody and lies on a
 * read-only mount, so that not even its owner can give it any. What a descriptor
 * said was read before (plan-data-reading.ts); what a program gives as content is
 * a constant of the launch.
 */

import type { ProgramBuilder } from "../../syscalls/builder.ts";
import {
  close,
  makeDirectory,
  makeEmptyFile,
  openFile,
  openPlaceInRoot,
  statPlace,
} from "../../syscalls/calls/files.ts";
import { moveMountOnto, openTreeClone } from "../../syscalls/calls/mounts.ts";
import { O } from "../../syscalls/constants/open.table.ts";
import { S_IF } from "../../syscalls/constants/stat.table.ts";
import {
  compute,
  jumpIf,
  set,
  tolerate,
  when,
} from "../../syscalls/control.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import { shown } from "../../syscalls/program.ts";
import type { Operand, Slot } from "../../syscalls/program.ts";
import { quote } from "./bytes.ts";
import type { Instance } from "./instance.ts";
import { whether } from "./order.ts";
import type { MemoryFile, Order, OrderedMount, Word } from "./order.ts";
import type { AllDataRead } from "./plan-data-reading.ts";
import { asRoot } from "./privilege.ts";

/** Names in the filesystem: nobody has a right on these. */
const HIDDEN = { directory: "hidden directory", file: "hidden file" } as const;

/** Bytes of the launcher's memory. */
interface Content {
  readonly start: Operand;
  readonly size: Operand;
}

function nameOf({ data }: Order, file: MemoryFile): string {
  return `data ${data.indexOf(file)}`;
}

/** Makes the entries in the filesystem, which is still writable. */
export function planMemoryFiles(
  instance: Instance,
  filesystem: Slot,
  read: AllDataRead,
): void {
  const { p, order } = instance;
  p.part("make things to hide with", () =>
    whether(p, order.hides, () =>
      asRoot(instance, () => {
        const { directory, file } = HIDDEN;
        makeDirectory(p, [filesystem, p.text(directory)], { mode: 0 });
        makeEmptyFile(p, [filesystem, p.text(file)], { mode: 0 });
      }),
    ),
  );
  for (const each of order.data)
    p.part(actionOf(each), () => {
      const name = p.text(nameOf(order, each));
      const file = p.slot("file of data");
      asRoot(instance, () => {
        makeEmptyFile(p, [filesystem, name], { mode: 0o644 });
        openFile(p, [filesystem, name], O.WRONLY, { result: file });
      });
      planContent(p, contentOf(p, each, read), file);
      close(p, file);
      asRoot(
        instance,
        () => void p.call("fchmodat", [filesystem, name, shown(0o444, "0444")]),
      );
    });
}

function actionOf(file: MemoryFile): string {
  const target = quote(file.target);
  return file.kind === "content"
    ? `write the content of ${target}`
    : `write what descriptor ${file.descriptor} said for ${target}`;
}

function contentOf(
  p: ProgramBuilder,
  file: MemoryFile,
  read: AllDataRead,
): Content {
  if (file.kind === "data") return read.of(file.descriptor);
  const { content } = file;
  return { start: p.constant("{content}", content), size: content.length };
}

function planContent(
  p: ProgramBuilder,
  { start, size }: Content,
  to: Slot,
): void {
  const written = p.slot("size written");
  const whole = p.label("the content is written");
  p.call("write", [to, start, size], { result: written });
  jumpIf(p, [written, "==", size], whole);
  p.fail(ERRNO.ENOSPC, "memory");
  p.place(whole);
}

/** Clones of the entries, as long as their filesystem is mounted somewhere: an old kernel clones nothing else. */
export interface MemoryClones {
  data(file: MemoryFile): Slot;
  /** Makes them. */
  plan(filesystem: Slot): void;
}

export function memoryClones(instance: Instance): MemoryClones {
  const { p, order } = instance;
  const data = new Map(
    order.data.map((file) => [file, p.slot(nameOf(order, file))]),
  );
  const clone = (at: Slot, name: string, result: Slot) =>
    openTreeClone(p, { at, path: p.text(name), recursive: false, result });
  const planData = (filesystem: Slot) => {
    for (const [file, result] of data)
      clone(filesystem, nameOf(order, file), result);
  };
  const planHidden = (filesystem: Slot) =>
    order.eachMount((mount) =>
      mount.as({
        hide: () =>
          asRoot(instance, () => {
            clone(filesystem, HIDDEN.directory, mount.directory);
            clone(filesystem, HIDDEN.file, mount.file);
          }),
      }),
    );
  const plan = (filesystem: Slot) =>
    p.part("take what was made in memory", () => {
      if (data.size > 0) asRoot(instance, () => planData(filesystem));
      whether(p, order.hides, () => planHidden(filesystem));
    });
  return { data: (file) => data.get(file)!, plan };
}

/** Hides what is there now; nothing there is an error, since a wrong word must not leave a secret open. */
export function planHiding(
  instance: Instance,
  target: Word,
  { directory, file }: Pick<OrderedMount, "directory" | "file">,
): void {
  const { p, root, stat } = instance;
  p.part(`hide ${target.name}`, () => {
    const [place, mode] = [p.slot("place to hide"), p.slot("its mode")];
    const again = p.label("look");
    p.place(again);
    // Behind a ".." the kernel is not sure while anything is mounted anywhere. openat2(2).
    const unsure = { result: place, errnos: [ERRNO.EAGAIN], then: again };
    tolerate(p, unsure, (options) => {
      openPlaceInRoot(p, [root, target.address], {}, options);
    });
    statPlace(p, place, { buffer: stat, fields: { mode } });
    compute(p, mode, [mode, "&", shown(S_IF.MT, "S_IFMT")]);
    const cover = p.slot("what hides");
    set(p, cover, file);
    when(p, [mode, "==", shown(S_IF.DIR, "S_IFDIR")], () =>
      set(p, cover, directory),
    );
    asRoot(instance, () => moveMountOnto(p, cover, place));
    for (const each of [place, directory, file]) close(p, each);
  });
}
