/**
 * `selfdock import DIR`: an archive on standard input becomes a root filesystem.
 *
 * Security model. The archive is a stranger's, so whatever reads it (the
 * extractor, this program again) runs in an instance: the host's root
 * filesystem read-only, no network, and of the host's files only the new
 * directory writable. A fault in the extractor can fill that directory and no
 * other. This process never looks into the archive; it has given up any saved
 * root, makes the directory under a name of its own that nobody else can enter
 * while it is filled, and gives it its name when all is there and every digest
 * was right. On any other end it is removed. Of an importer that is killed by
 * SIGKILL an empty directory stays, which the next import of DIR removes: the
 * extractor notices, and takes back what it had made.
 *
 * The instance's root is not the new directory itself, since Bun needs the
 * host's libc. What a link in the archive could lead to is read-only instead,
 * and the extractor follows none (way.ts).
 */

import {
  existsSync,
  fstatSync,
  lstatSync,
  readlinkSync,
  realpathSync,
  rmSync,
} from "node:fs";
import { isatty } from "node:tty";
import { CLD } from "../../../syscalls/constants/wait.table.ts";
import { errnoText } from "../../../syscalls/errno.table.ts";
import { bytesFrom, quote } from "../../plan/bytes.ts";
import type { Bytes } from "../../plan/bytes.ts";
import { SelfdockError } from "../../plan/error.ts";
import {
  INSIDE,
  LIFELINE,
  renderExtractorWords,
} from "../../plan/image/extractor-word.ts";
import type { ExtractorWord } from "../../plan/image/extractor-word.ts";
import { configPath } from "../../plan/image/image-config.ts";
import type { ImportRequest } from "../../plan/image/import-request.ts";
import { giveUpSavedRoot } from "../give-up-root.ts";
import type { Handover } from "../read-handover.ts";
import { NO_REPLACE, renameAt, WORKING_DIRECTORY } from "./file-calls.ts";
import {
  attempt,
  makePartial,
  pathOf,
  removePartial,
  removeStale,
} from "./partial-directory.ts";
import type { PartialDirectory } from "./partial-directory.ts";
import { dieOf } from "../die-of.ts";
import { runInstance } from "./run-instance.ts";
import type { Outcome } from "./run-instance.ts";

/** Does all of it; returns the exit status, and has said why if that is not 0. */
export function importImage(
  request: ImportRequest,
  handover: Handover,
): number {
  if (isatty(0))
    throw new SelfdockError(
      "usage",
      "Cannot import: standard input is a terminal, not an archive",
      "selfdock import DIR < image.tar",
    );
  giveUpSavedRoot(handover);
  const { directory } = request;
  if (directory === null) return listImages(request, handover);
  const path = absolutePath(directory, handover);
  requireFree(path);
  const clean = (descriptor: number) =>
    cleanInside(request, descriptor, handover);
  removeStale(path, handover.uid, clean);
  const partial = makePartial(path);
  let outcome: Outcome | null = null;
  try {
    const keepSetIds =
      request.asRoot &&
      attempt(`look at the way to ${quote(path)}`, () =>
        isPrivate(parentOf(path), handover.uid),
      );
    outcome = runExtractor(
      wordOf(request, "unpack", keepSetIds),
      { request, directory: partial.descriptor, output: partial.config },
      handover,
    );
    const status = statusOf(outcome);
    if (status === 0)
      attempt(`import to ${quote(path)}`, () => publish(partial, path));
    else removePartial(partial, clean);
    return status;
  } catch (error) {
    removePartial(partial, clean);
    // Who asked us to end wants no explanation.
    if (outcome !== null && outcome.signal !== 0) dieOf(outcome.signal);
    throw error;
  }
}

/** `--list`: the same instance with nothing to write to. */
function listImages(request: ImportRequest, handover: Handover): number {
  const surroundings = { request, directory: null, output: 1 };
  const word = wordOf(request, "list", false);
  const outcome = runExtractor(word, surroundings, handover);
  if (outcome.signal !== 0) dieOf(outcome.signal);
  return statusOf(outcome);
}

/** 0, or 124 where the extractor has said why. */
function statusOf({ code, status, signal }: Outcome): number {
  if (signal === 0 && code === CLD.EXITED) return status === 0 ? 0 : 124;
  const how =
    code === 0 ? "cannot be started" : `was killed by signal ${status}`;
  throw new SelfdockError("launch", `Cannot import: the extractor ${how}`);
}

function wordOf(
  { image, platform, ignoreDevices, asRoot }: ImportRequest,
  action: ExtractorWord["action"],
  keepSetIds: boolean,
): ExtractorWord {
  const own = `linux/${process.arch === "arm64" ? "arm64" : "amd64"}`;
  const wanted = { name: image, platform, own };
  return { action, ...wanted, keepIds: asRoot, keepSetIds, ignoreDevices };
}

function runExtractor(
  word: ExtractorWord,
  {
    request,
    directory,
    output,
  }: { request: ImportRequest; directory: number | null; output: number },
  handover: Handover,
): Outcome {
  const { asRoot, rootless } = request;
  // Bun's libc may lie on a filesystem of its own.
  const libraries = existsSync("/usr") ? ["--map", "/usr", "/usr"] : [];
  const target = directory === null ? [] : ["--vol", ".", INSIDE.target];
  const words = [
    "selfdock",
    ...(asRoot ? ["--as-root"] : rootless ? ["--rootless"] : []),
    "--net",
    "none",
    "--keep-fd",
    String(LIFELINE),
    ...libraries,
    "--map",
    // The link itself is another mount namespace's by then.
    bytesFrom(readlinkSync("/proc/self/exe", "buffer")),
    INSIDE.program,
    ...target,
    "run",
    INSIDE.program,
  ] as Bytes[];
  return runInstance(
    [...words, ...renderExtractorWords(word)],
    { directory, output },
    handover,
  );
}

/** What belongs to subordinate ids only an instance can remove. */
function cleanInside(
  request: ImportRequest,
  directory: number,
  handover: Handover,
): void {
  const word = wordOf(request, "clean", false);
  const asRoot = { ...request, asRoot: true };
  const surroundings = { request: asRoot, directory, output: 1 };
  statusOf(runExtractor(word, surroundings, handover));
}

function absolutePath(path: Bytes, { directory }: Handover): Bytes {
  const bare = path.replace(/(?<=[^/])\/+$/, "") as Bytes;
  if (bare.startsWith("/")) return bare;
  if (directory !== null) return `${directory}/${bare}` as Bytes;
  throw new SelfdockError(
    "launch",
    `Cannot import to ${quote(path)}: your directory has no path any more`,
  );
}

function parentOf(path: Bytes): Bytes {
  return path.slice(0, path.lastIndexOf("/") + 1) as Bytes;
}

/** Whatever is there, also a link to nowhere. */
function requireFree(path: Bytes): void {
  for (const each of [path, configPath(path)]) {
    const there = attempt(`look for ${quote(each)}`, () =>
      lstatSync(pathOf(each), { throwIfNoEntry: false }),
    );
    if (there === undefined) continue;
    throw new SelfdockError(
      "launch",
      `Cannot import to ${quote(path)}: ${each === path ? "it" : quote(each)} exists already`,
      "name a new directory, or remove it first",
    );
  }
}

/** Whether somewhere on the way to a directory nobody but the caller and root can pass. */
function isPrivate(directory: Bytes, uid: number): boolean {
  const real = bytesFrom(realpathSync.native(pathOf(directory), "buffer"));
  const parts = real.split("/").filter(Boolean);
  return parts.some((_, at) => {
    const ancestor = `/${parts.slice(0, at + 1).join("/")}` as Bytes;
    const { uid: owner, mode } = lstatSync(pathOf(ancestor));
    return (mode & 0o011) === 0 && (owner === uid || owner === 0);
  });
}

/** The config first: a root without it would be run in another way than with it. */
function publish(partial: PartialDirectory, path: Bytes): void {
  const config = configPath(path);
  const hasConfig = fstatSync(partial.config).size > 0;
  if (hasConfig) moveNew(partial.configPath, config);
  else rmSync(pathOf(partial.configPath));
  try {
    moveNew(partial.path, path);
  } catch (error) {
    if (hasConfig) rmSync(pathOf(config));
    throw error;
  }
}

/** Gives something a name that is free. */
function moveNew(from: Bytes, to: Bytes): void {
  const result = renameAt(
    WORKING_DIRECTORY,
    from,
    WORKING_DIRECTORY,
    to,
    NO_REPLACE,
  );
  if (result >= 0) return;
  throw new SelfdockError(
    "launch",
    `Cannot give ${quote(to)} its name: ${errnoText(-result)}`,
  );
}
