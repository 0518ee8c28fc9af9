/** What `selfdock import` was asked for, complete. */

import type { Bytes } from "../bytes.ts";
import type { Platform } from "./image-list.ts";

export interface ImportRequest {
  /** The new directory, relative to the caller's or absolute; null for `--list`. */
  readonly directory: Bytes | null;
  /** `NAME[:TAG]`, or null. */
  readonly image: string | null;
  /** `OS/ARCH[/VARIANT]`, or null. */
  readonly platform: Platform | null;
  /** Pass over device nodes in silence. */
  readonly ignoreDevices: boolean;
  /** Keep owners by subordinate ids: implies `rootless`. */
  readonly asRoot: boolean;
  /** Give up a saved root for good and use user namespaces. */
  readonly rootless: boolean;
}
