/** What is planned for a request without options does not depend on the caller, but for root. */

import { describe, expect, test } from "bun:test";
import type { Bytes } from "../../../src/plan/bytes.ts";
import type { Caller, Mode } from "../../../src/plan/facts.ts";
import { planInstance } from "../../../src/plan/plan-instance.ts";
import { encode, layOut } from "../../../syscalls/encode.ts";
import { factsOf, requestOf } from "./samples.ts";

/** The Program as it lies in memory. */
function imageOf(mode: Mode, caller: Partial<Caller>): string {
  const { program } = planInstance(requestOf(), factsOf(mode, caller));
  const layout = layOut(program);
  const constant = new Uint8Array(layout.constantSize);
  const state = new Uint8Array(layout.stateSize);
  encode(layout, { constant: 2 ** 28, state: 2 ** 29 }, { constant, state });
  return Bun.SHA256.hash(Buffer.concat([constant, state]), "hex");
}

const OTHERS: Readonly<Record<string, Partial<Caller>>> = {
  "another user": { uid: 2 ** 32 - 2, gid: 7 },
  "a member of the group 0": { gid: 0 },
  "another environment": {
    environment: ["A=1" as Bytes],
    variableAddress: () => 1,
  },
  "another directory": { directory: "/srv/a b" as Bytes },
  "no directory": { directory: null },
};

describe.each(["rootless", "privileged"] as const)("%s:", (mode) => {
  test.each(Object.entries(OTHERS))("%s plays the same", (_, caller) => {
    expect(imageOf(mode, caller)).toBe(imageOf(mode, {}));
  });

  test.each([
    ["root", { uid: 0, gid: 0 }],
    ["a command in another place of the line", { commandIndex: 3 }],
  ] as const)("control: %s does not", (_, caller) => {
    expect(imageOf(mode, caller)).not.toBe(imageOf(mode, {}));
  });
});
