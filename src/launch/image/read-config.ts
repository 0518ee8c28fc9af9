/** Reads DIR.image.json beside an imported root. */

import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
} from "node:fs";
import { quote } from "../../plan/bytes.ts";
import type { Bytes } from "../../plan/bytes.ts";
import { SelfdockError } from "../../plan/error.ts";
import { configPath, parseImageConfig } from "../../plan/image/image-config.ts";
import type { ImageConfig } from "../../plan/image/image-config.ts";
import { absolutePath } from "../write-baked.ts";
import { failureText } from "./failure-text.ts";
import { pathOf } from "./partial-directory.ts";

const LARGEST = 2 ** 22;

/** With the caller's own rights; `directory` is the caller's. */
export function readImageConfig(
  rootfs: Bytes,
  directory: Bytes | null,
): ImageConfig {
  const path = configPath(rootfs);
  const whole = absolutePath(path, { directory });
  try {
    return parseImageConfig(readText(whole), quote(path));
  } catch (error) {
    // What is wrong with it is said as of an archive.
    if (!(error instanceof SelfdockError)) throw error;
    const message = error.message.replace(/^Cannot import/, "Cannot run");
    throw new SelfdockError("launch", message, error.hint, error);
  }
}

function readText(path: Bytes): string {
  const refuse = (state: string) =>
    new SelfdockError(
      "launch",
      `Cannot read the image's config ${quote(path)}: ${state}`,
      "selfdock import makes it beside DIR for an image; a plain root filesystem has none",
    );
  let file: number | null = null;
  try {
    // It may be anything, and a pipe without a writer would wait for one.
    const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = constants;
    file = openSync(pathOf(path), O_RDONLY | O_NONBLOCK | O_NOCTTY);
    const status = fstatSync(file);
    if (!status.isFile()) throw refuse("it is no file");
    if (status.size > LARGEST) throw refuse(`it has ${status.size} bytes`);
    return readFileSync(file, "utf8");
  } catch (error) {
    const text = failureText(error);
    throw text === null ? error : refuse(text);
  } finally {
    if (file !== null) closeSync(file);
  }
}
