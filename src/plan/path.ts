/**
 * Paths as the user wrote them. Only for what is shown, and for the name under
 * which a source appears inside; never to decide whether an access is allowed.
 */

import type { Bytes } from "./bytes.ts";

/** `path` seen from `directory`, absolute, without `.` and `..`. */
export function joinPath(directory: Bytes, path: Bytes): Bytes {
  const parts: string[] = [];
  for (const part of (path.startsWith("/")
    ? path
    : `${directory}/${path}`
  ).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}` as Bytes;
}
