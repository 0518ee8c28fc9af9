/** The same request is the same instance in both ways, but for these parts. */

import { describe, expect, test } from "bun:test";
import { planInstance } from "../../../src/plan/plan-instance.ts";
import { renderProgram } from "../../../syscalls/render.ts";
import { factsOf, REQUESTS, requestOf } from "./samples.ts";

/** The steps of each part as text, without numbers, labels and what raises and lowers the effective id. */
function partsOf(
  mode: "rootless" | "privileged",
  request: (typeof REQUESTS)[string],
): ReadonlyMap<string, string> {
  const text = renderProgram(planInstance(request, factsOf(mode)).program);
  const parts = new Map<string, string>();
  let action = "";
  for (const line of text.split("\n")) {
    if (line.startsWith("# ")) action = line.slice(2);
    else if (!/^[^ ].*:$|setresuid\(-1, (root|0|caller's uid), -1\)/.test(line))
      parts.set(
        action,
        `${parts.get(action) ?? ""}${line.replace(/^ *\d+ +/, "").replace(/context = \d+/, "context")}\n`,
      );
  }
  return parts;
}

/** Parts that differ, and why. */
const DIFFERENT: readonly (readonly [part: RegExp, reason: string])[] = [
  [/^make a \/dev$/, "privileged it is root's"],
  [
    /^make an empty directory and/,
    "privileged there is a place for the mounts that are taken away",
  ],
  [/^prepare the launch$/, "only a dumpable process may write its id maps"],
  [/^make a process in new namespaces$/, "CLONE_NEWUSER"],
  [
    /^begin as the user, without/,
    "privileged the clone was made with CAP_SYS_ADMIN",
  ],
  [
    /^map the caller's own ids$/,
    "there is no user namespace in the privileged way",
  ],
  [
    /^change the root$/,
    "privileged it is private, since nothing of the host's is held",
  ],
  [
    /^find what is mounted on the root$/,
    "privileged the covers lie on it meanwhile",
  ],
  [/^take the host's device nodes$/, "privileged they are made"],
  [/^fill \/dev$/, "the same, and /dev/shm is a directory"],
  [
    /^remember what is our own memory$/,
    "rootless /dev is sealed, /dev/shm being a filesystem of its own",
  ],
  [
    /^place a mount$/,
    "privileged root makes what is missing, and gives it to the user",
  ],
  [/^give up every privilege$/, "the saved root"],
  [/^go on in the launcher$/, "the same"],
  [
    /^cover what is mounted on the root$/,
    "privileged the mounts are taken away, rootless they are locked",
  ],
];

describe.each(Object.entries(REQUESTS))("%s", (_, request) => {
  const [rootless, privileged] = [
    partsOf("rootless", request),
    partsOf("privileged", request),
  ];
  const actions = new Set([...rootless.keys(), ...privileged.keys()]);
  const different = [...actions].filter(
    (action) => rootless.get(action) !== privileged.get(action),
  );

  test("differs in the documented parts only", () => {
    expect(
      different.filter(
        (action) => !DIFFERENT.some(([part]) => part.test(action)),
      ),
    ).toEqual([]);
  });

  test("differs in each of them", () => {
    const same = DIFFERENT.filter(
      ([part]) => !different.some((action) => part.test(action)),
    );
    expect(same.map(([part]) => part.source)).toEqual([]);
  });

  test("is planned the same way every time", () => {
    for (const mode of ["rootless", "privileged"] as const)
      expect(partsOf(mode, request)).toEqual(partsOf(mode, request));
  });
});

test("root as invoker gets a read-only /proc and keeps no capability", () => {
  for (const mode of ["rootless", "privileged"] as const) {
    const text = renderProgram(
      planInstance(REQUESTS["plain"]!, factsOf(mode, { uid: 0, gid: 0 }))
        .program,
    );
    const proc = text.slice(
      text.indexOf("# make a /proc"),
      text.indexOf("# make a /dev"),
    );
    expect(proc).toMatch(/fsmount\(.*MOUNT_ATTR_RDONLY/);
    expect(text).toMatch(/capset\(.*\{capabilities: 0x0\}\)/);
  }
});

test("what is rootless alone is never planned with privilege", () => {
  for (const change of [{ scratch: 2 ** 30 }, { proc: "host" }] as const) {
    const request = requestOf({ ...change, rootless: true });
    expect(() => planInstance(request, factsOf("privileged"))).toThrow(
      RangeError,
    );
    const { program } = planInstance(request, factsOf("rootless"));
    expect(program.steps.length).toBeGreaterThan(500);
  }
});
