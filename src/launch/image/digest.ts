/** What a part of an image must be: its digest. */

import { show } from "../../plan/image/json.ts";
import { refuseArchive } from "../../plan/image/refusal.ts";

/** A digest that is being computed, and what it must come to. */
export interface DigestCheck {
  update(bytes: Uint8Array): void;
  finish(called: string): void;
}

export function startDigest(digest: string): DigestCheck {
  const [algorithm, expected] = digest.split(":");
  if (
    !/^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/.test(digest) ||
    expected === undefined
  )
    throw refuseArchive(`${show(digest)} is no digest that can be checked`);
  const hasher = new Bun.CryptoHasher(algorithm as "sha256" | "sha512");
  return {
    update: (bytes) => void hasher.update(bytes),
    finish: (called) => {
      const found = hasher.digest("hex");
      if (found === expected) return;
      throw refuseArchive(
        `${called} is not what it should be: its digest is ${algorithm}:${found}, not ${digest}`,
      );
    },
  };
}
