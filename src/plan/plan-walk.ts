/**
 * Walks a path that does not exist, component by component and through symbolic
 * links, up to the directory in which something is missing. path_resolution(7).
 * Every lookup starts at the instance's root or at a directory below it, and the
 * process's root is the instance's, so `..` and absolute links stay inside.
 */

import { close, openPlace, statPlace } from "../../syscalls/calls/files.ts";
import { O } from "../../syscalls/constants/open.table.ts";
import { S_IF } from "../../syscalls/constants/stat.table.ts";
import {
  compute,
  jump,
  jumpIf,
  load,
  loop,
  set,
  store,
  when,
} from "../../syscalls/control.ts";
import { ERRNO } from "../../syscalls/errno.table.ts";
import { addressOf, shown } from "../../syscalls/program.ts";
import type { Data, Label, Slot } from "../../syscalls/program.ts";
import type { Instance } from "./instance.ts";
import type { PlacementState } from "./plan-placement.ts";

const SLASH = shown(0x2f, "'/'");
const PATH_MAX = 4096;
/** As many links as the kernel follows: MAXSYMLINKS. */
const MAX_LINKS = 40;
/** A link's content before the rest of the path, which may itself have grown. */
const REST_SIZE = 3 * PATH_MAX;

export interface Walk {
  /** What is left of the path. */
  readonly rest: Data;
  /** The offset of the next component in it. */
  readonly next: Slot;
  /** The address of the present component, NUL-terminated. */
  readonly name: Slot;
  /** Not 0 if there is another component behind it. */
  readonly more: Slot;
}

/** Writes the walk: `state.holder` becomes the deepest directory, `name` what is missing in it. */
export function planWalk(
  instance: Instance,
  state: PlacementState,
  retry: Label,
): Walk {
  const { p, stat } = instance;
  const walk: Walk = {
    rest: p.buffer("rest of the path", REST_SIZE),
    next: p.slot("next"),
    name: p.slot("component"),
    more: p.slot("more components"),
  };
  const { holder } = state;
  const [entry, mode, links] = [
    p.slot("entry"),
    p.slot("mode"),
    p.slot("links followed"),
  ];
  planStart(instance, state, walk);
  set(p, links, 0);
  loop(p, "components", (leave) => {
    const [link, absent, on] = [
      p.label("a link"),
      p.label("nothing there"),
      p.label("go on"),
    ];
    planComponent(instance, walk);
    openPlace(p, [holder, walk.name], O.NOFOLLOW, {
      result: entry,
      failure: absent,
    });
    statPlace(p, entry, { buffer: stat, fields: { mode } });
    compute(p, mode, [mode, "&", shown(S_IF.MT, "S_IFMT")]);
    jumpIf(p, [mode, "==", shown(S_IF.LNK, "S_IFLNK")], link);
    close(p, holder);
    set(p, holder, entry);
    jumpIf(p, [walk.more, "==", 0], retry); // it exists by now
    jump(p, on);
    p.place(absent);
    jumpIf(p, [entry, "==", -ERRNO.ENOENT], leave);
    jump(p, retry); // which fails in the same way, for good
    p.place(link);
    compute(p, links, [links, "+", 1]);
    jumpIf(p, [MAX_LINKS, "<", links], retry);
    planLink(instance, walk, entry);
    planAbsoluteLink(instance, state, walk);
    p.place(on);
  });
  return walk;
}

/** The whole path is left, and the root is where it starts. */
function planStart(
  { p, root }: Instance,
  { path, holder }: PlacementState,
  { rest, next }: Walk,
): void {
  const length = p.slot("length");
  p.control("find", [path, PATH_MAX, 0], { result: length });
  compute(p, length, [length, "+", 1]);
  p.control("copy", [rest, path, length]);
  set(p, next, 0);
  openPlace(p, [root, p.text(".")], O.DIRECTORY, { result: holder });
}

/** What begins with a slash starts at the root again. */
function planAbsoluteLink(
  { p, root }: Instance,
  { holder }: PlacementState,
  { rest }: Walk,
): void {
  const first = p.slot("first byte of the link");
  load(p, first, 1, [addressOf(rest), 0]);
  when(p, [first, "==", SLASH], () => {
    close(p, holder);
    openPlace(p, [root, p.text(".")], O.DIRECTORY, { result: holder });
  });
}

/** Cuts the next component off the rest. */
export function planComponent(
  { p }: Instance,
  { rest, next, name, more }: Walk,
): void {
  const [byte, left, length] = [
    p.slot("byte"),
    p.slot("left"),
    p.slot("component's length"),
  ];
  const skip = (label: string) =>
    loop(p, label, (leave) => {
      load(p, byte, 1, [addressOf(rest), next]);
      jumpIf(p, [byte, "!=", SLASH], leave);
      compute(p, next, [next, "+", 1]);
    });
  skip("slashes before");
  compute(p, name, [addressOf(rest), "+", next]);
  p.control("find", [name, REST_SIZE, 0], { result: left });
  p.control("find", [name, left, SLASH], { result: length });
  compute(p, next, [next, "+", length]);
  set(p, more, 0);
  when(p, [length, "!=", left], () => {
    store(p, 1, [addressOf(rest), next], 0);
    compute(p, next, [next, "+", 1]);
    skip("slashes behind");
    load(p, more, 1, [addressOf(rest), next]);
  });
}

/** The rest becomes the link's content, a slash, and what was left. Closes the link. */
function planLink({ p }: Instance, { rest, next }: Walk, link: Slot): void {
  const content = p.buffer("content of a link", PATH_MAX + REST_SIZE);
  const [end, left, from, to] = [
    p.slot("end of the link"),
    p.slot("left"),
    p.slot("from"),
    p.slot("to"),
  ];
  p.call("readlinkat", [link, p.text(""), content, PATH_MAX], { result: end });
  close(p, link);
  store(p, 1, [addressOf(content), end], SLASH);
  compute(p, end, [end, "+", 1]);
  compute(p, from, [addressOf(rest), "+", next]);
  p.control("find", [from, PATH_MAX, 0], { result: left });
  const fits = p.label("fits");
  jumpIf(p, [left, "below", PATH_MAX], fits);
  p.fail(ERRNO.ENAMETOOLONG, "symbolic links");
  p.place(fits);
  compute(p, to, [addressOf(content), "+", end]);
  p.control("copy", [to, from, left]);
  compute(p, end, [end, "+", left]);
  store(p, 1, [addressOf(content), end], 0);
  compute(p, end, [end, "+", 1]);
  p.control("copy", [rest, content, end]);
  set(p, next, 0);
}
