/** Families of flags: how they join and print. */

import { describe, expect, test } from "bun:test";
import { CLONE } from "../../../syscalls/constants/clone.table.ts";
import { MAP } from "../../../syscalls/constants/memory.table.ts";
import { MOUNT_ATTR, MS } from "../../../syscalls/constants/mount.table.ts";
import { SOCK } from "../../../syscalls/constants/network.table.ts";
import { AT, O } from "../../../syscalls/constants/open.table.ts";
import { STATX } from "../../../syscalls/constants/stat.table.ts";
import { describeFlags, flags, union } from "../../../syscalls/flags.ts";

describe("union", () => {
  test("joins flags of more than 32 bits", () => {
    expect(union(CLONE.CLEAR_SIGHAND, CLONE.IO, CLONE.VM)).toBe(0x1_8000_0100);
  });

  test("of nothing is 0", () => {
    expect(union()).toBe(0);
  });

  test("does not mix families", () => {
    const mountFlags = (value: typeof MS.BIND) => value;
    // @ts-expect-error: a mount attribute is no mount flag
    expect(mountFlags(MOUNT_ATTR.RDONLY)).toBe(1);
  });
});

describe("describeFlags", () => {
  test("names every flag", () => {
    expect(
      describeFlags(
        "CLONE",
        union(CLONE.NEWUSER, CLONE.VM, CLONE.CLEAR_SIGHAND),
      ),
    ).toBe("CLONE_VM|CLONE_NEWUSER|CLONE_CLEAR_SIGHAND");
  });

  test("prints the rest in hex, and 0 by its name where it has one", () => {
    expect(describeFlags("MS", union(MS.BIND, 0x4000_0000))).toBe(
      "MS_BIND|0x40000000",
    );
    expect(describeFlags("MS", 0)).toBe("0");
    expect(describeFlags("O", O.RDONLY)).toBe("O_RDONLY");
    expect(describeFlags("NEVER_DECLARED", 5)).toBe("0x5");
  });

  test("prefers the name of a sum to those of its parts", () => {
    expect(describeFlags("O", union(O.TMPFILE, O.RDWR))).toBe(
      "O_RDWR|O_TMPFILE",
    );
    expect(describeFlags("O", O.DIRECTORY)).toBe("O_DIRECTORY");
    expect(describeFlags("MAP", MAP.SHARED_VALIDATE)).toBe(
      "MAP_SHARED_VALIDATE",
    );
    expect(describeFlags("STATX", union(STATX.BASIC_STATS, STATX.MNT_ID))).toBe(
      "STATX_BASIC_STATS|STATX_MNT_ID",
    );
    expect(describeFlags("SOCK", union(SOCK.RAW, SOCK.CLOEXEC))).toBe(
      "SOCK_RAW|SOCK_CLOEXEC",
    );
    expect(describeFlags("AT", AT.REMOVEDIR)).toBe("AT_REMOVEDIR");
  });

  test("a family cannot be changed", () => {
    const family = flags("TEST", { A: 1 });
    expect(() => Object.assign(family, { A: 2 })).toThrow();
  });
});
