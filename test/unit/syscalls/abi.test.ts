/** The tables and layouts against the C headers of this machine. */

import { describe, expect, test } from "bun:test";
import { renderTable } from "../../../syscalls/arch/x86_64/generate-numbers.ts";
import {
  checkAbi,
  probeObstacle,
  renderGroup,
} from "../../../syscalls/check-abi.ts";

const obstacle = probeObstacle();

test.skipIf(obstacle !== null)(
  `C agrees with every table and layout${obstacle === null ? "" : ` (${obstacle})`}`,
  () => {
    const { facts, failures, skipped } = checkAbi();
    expect(failures).toEqual([]);
    expect(facts).toBeGreaterThan(1000);
    expect(skipped.length).toBeLessThan(facts / 20);
  },
);

describe("the script", () => {
  test("asks about value, size and offset, and guards what is newer", () => {
    const c = renderGroup({
      headers: ["linux/a.h"],
      constants: [
        { prefix: "A_", values: { X: -1, Y: 2 }, newer: { Y: "6.8" } },
      ],
      structs: [
        {
          type: "struct a",
          layout: {
            size: 8,
            fields: { f: { kind: "integer", offset: 4, size: 4 } },
          },
        },
      ],
    });
    expect(c).toContain("#include <linux/a.h>");
    expect(c).toContain(
      "(unsigned long long)(A_X) == (unsigned long long)-1ll",
    );
    expect(c).toMatch(
      /#if LINUX_VERSION_CODE >= KERNEL_VERSION\(6,8,0\)\n.*A_Y.*\n#else/,
    );
    expect(c).toContain("sizeof(struct a) == 8");
    expect(c).toContain(
      "offsetof(struct a, f) == 4 && FIELD(struct a, f) == 4",
    );
  });

  test("writes the numbers of a header, then those that it lacks", () => {
    const table = renderTable(
      "#define __NR_write 1\n#define __NR_read 0\n#define __NR_mseal 462\n",
    );
    expect(table).toContain(
      "export const SYSCALL = {\n  read: 0,\n  write: 1,\n  mseal: 462,\n",
    );
    expect(table).toContain("  /** Linux 6.8. */\n  statmount: 457,\n");
    expect(table.match(/mseal/g)).toHaveLength(1);
  });
});
