/**
 * Stage 0 reads a line as the JavaScript parser does, or leaves it to that: never
 * with another meaning. And a request that Bun puts into the table means there
 * what it meant before.
 */

import { beforeAll, expect, test } from "bun:test";
import * as fc from "fast-check";
import { parseLine } from "../../../src/commands/parse-line.ts";
import { fillOrder, fitsOrder } from "../../../src/launch/fill-order.ts";
import type { Handover } from "../../../src/launch/read-handover.ts";
import type { Bytes } from "../../../src/plan/bytes.ts";
import { SelfdockError } from "../../../src/plan/error.ts";
import { requirePossible } from "../../../src/plan/place-of.ts";
import type { Request } from "../../../src/plan/request.ts";
import { layStack, mapStage0, readLine } from "./line.ts";
import type { Line, Stack } from "./line.ts";
import { meaningOf, readOrder } from "./read-order.ts";
import type { Meaning } from "./read-order.ts";

const seed = Number(
  process.env["SELFDOCK_SEED"] ?? Math.floor(Math.random() * 2 ** 31),
);
const soak = process.env["SELFDOCK_SOAK"] === "1";
const counts = { seed, numRuns: soak ? 20_000 : 2000 };
console.log(`SELFDOCK_SEED=${seed}`);

const CALLER = { anybody: false, uid: 1000, gid: 1000 };
const DIRECTORY = "/home/u" as Bytes;

beforeAll(mapStage0);

/** The request that the line makes, or null if Bun would say no. */
function requestOf(words: readonly Bytes[]): Request | null {
  try {
    const invocation = parseLine(words);
    if (invocation.kind !== "launch" || invocation.dryRun) return null;
    const { request } = invocation;
    const facts = { caller: { ...CALLER, directory: DIRECTORY } };
    for (const mount of request.mounts) requirePossible(mount, request, facts);
    return request;
  } catch (error) {
    if (error instanceof SelfdockError) return null;
    throw error;
  }
}

/** What stage 0 understands, or null. */
function meaningByStage0(line: Line): Meaning | null {
  const stack = layStack(line);
  return readLine(stack) === null ? null : readOrder();
}

function lineOf(words: readonly string[], environment: readonly string[] = []) {
  return {
    words: words as readonly Bytes[],
    environment: environment as readonly Bytes[],
    directory: DIRECTORY,
  };
}

const texts = (...words: readonly string[]) =>
  fc.constantFrom(...words) as fc.Arbitrary<Bytes>;
const bytes = fc
  .array(fc.integer({ min: 1, max: 255 }), { maxLength: 9 })
  .map((codes) => String.fromCharCode(...codes) as Bytes);

const PATHS =
  "/ /a /a/b /tmp /etc/resolv.conf /tmpx /a/.b /a/..b /a/... /.. /a/.. // /a// /a/ /. /a/. . .. a a/b - -a".split(
    " ",
  );
const path = fc.oneof(
  { weight: 9, arbitrary: texts("", ...PATHS) },
  { weight: 1, arbitrary: bytes.map((rest) => `/${rest}` as Bytes) },
);
const name = fc.oneof(
  texts(
    "A",
    "AB",
    "PATH",
    "A.b-c_d",
    "9a",
    "-a",
    ".a",
    "",
    "A=",
    "x".repeat(64),
    "x".repeat(65),
  ),
  bytes,
);
const size = texts(
  ..."size=1 size=4K size=12345g size=999999G size=1000000 size=0 size=01 size= size=1kk size=1t mode=700 size=1,mode=7 size nr_inodes=9".split(
    " ",
  ),
  "",
);
const number = texts(
  ..."3 4 5 10 1023 1024 2 0 03 3x 99999 4294967299 18446744073709551619 -3".split(
    " ",
  ),
  "",
);

/** An option, nearly right. */
const option: fc.Arbitrary<readonly Bytes[]> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(texts("-m", "--map", "-v", "--vol"), path, path),
  },
  fc.tuple(texts("-t", "--tmpfs"), size, path),
  fc.tuple(texts("--hide"), path),
  fc.tuple(texts("-r", "--rootfs", "-C", "--cd"), path),
  { weight: 2, arbitrary: fc.tuple(texts("-e", "--env"), name, bytes) },
  fc.tuple(texts("-E", "--unset-env"), name),
  { weight: 2, arbitrary: fc.tuple(texts("--keep-fd"), number) },
  fc.tuple(texts("--net"), texts("none", "host", "nonex", "", "no")),
  fc.tuple(texts("--hostname", "--name"), name),
  fc.tuple(texts("--init", "--rootless")),
  {
    weight: 1,
    arbitrary: fc.tuple(
      texts(
        ..."--as-root --dry-run --help -h --version --image-config --ulimit cpu=1 --map=/a:/b --net=none -vx --ini --initx --init= -- - run x".split(
          " ",
        ),
      ),
    ),
  },
);

const options = fc.array(option, { maxLength: 4 }).map((all) => all.flat());
const words = fc
  .tuple(
    options,
    fc.oneof(
      { weight: 9, arbitrary: texts("run", "build") },
      { weight: 1, arbitrary: texts("ps", "", "runx", "ru", "--", "-") },
    ),
    options,
    fc.array(texts("--", "true", "-x", "", "-", "run"), { maxLength: 3 }),
  )
  .map((parts) => parts.flat());

/** One word gone, doubled, or another. */
const broken = fc
  .tuple(words, fc.nat(), fc.constantFrom("drop", "double", "other"), bytes)
  .map(([line, at, how, other]) => {
    const index = at % Math.max(1, line.length);
    const middle = {
      drop: [],
      double: [line[index]!, line[index]!],
      other: [other],
    }[how];
    return [...line.slice(0, index), ...middle, ...line.slice(index + 1)];
  });

const environment = fc.array(
  fc.oneof(
    texts("A=1", "AB=2", "PATH=/bin", "A", "=x", "", "B==", "A.b-c_d=3"),
    bytes,
  ),
  { maxLength: 5 },
);

test("a line that stage 0 understands means to it what it means to Bun", () => {
  let understood = 0;
  fc.assert(
    fc.property(fc.oneof(words, broken), environment, (line, variables) => {
      const asked = lineOf(
        line.filter((word) => word !== undefined),
        variables,
      );
      const meaning = meaningByStage0(asked);
      if (meaning === null) return;
      understood += 1;
      const request = requestOf(asked.words);
      expect(request).not.toBeNull();
      expect(meaning).toEqual(meaningOf(request!, asked));
    }),
    counts,
  );
  // Else nothing is proven.
  expect(understood).toBeGreaterThan(counts.numRuns / 20);
});

test("what Bun puts into the table means what was asked for", () => {
  let filled = 0;
  fc.assert(
    fc.property(words, environment, (line, variables) => {
      const asked = lineOf(line, variables);
      const request = requestOf(asked.words);
      const handover = handoverOf(asked, layStack(asked));
      if (request === null || !fitsOrder(request, handover)) return;
      filled += 1;
      fillOrder(request, handover);
      expect(readOrder()).toEqual(meaningOf(request, asked));
    }),
    counts,
  );
  expect(filled).toBeGreaterThan(counts.numRuns / 20);
});

function handoverOf(
  { environment: variables, directory }: Line,
  { argv, address, variableAddress }: Stack,
): Handover {
  return {
    ...CALLER,
    savedUid: CALLER.uid,
    traceable: false,
    argv,
    argvAddress: address + 8,
    environment: variables,
    variableAddress,
    directory,
    directoryDescriptor: 3,
    name: "selfdock" as Bytes,
    readyMade: null,
    inherited: () => true,
  };
}

test.each([
  ["run true"],
  ["run -- true"],
  ["build true"],
  ["-m /usr /mnt run true"],
  ["-v . . run true"],
  ["-v . . -m /opt . --vol src /srv run make -j8"],
  ["run -v . . --init true"],
  ["-r /opt/tree -C /etc run true"],
  ["-e A b -e LANG C -E PATH run true"],
  ["--net none run true"],
  ["--net host run true"],
  ["--hide /home/u/.ssh run true"],
  ["-t size=1g /tmp --keep-fd 3 --keep-fd 5 run true"],
  ["--hostname build-1.x --name a_b run true"],
  ["--rootless run true"],
])("stage 0 understands: %s", (line) => {
  const asked = lineOf(line.split(" "), ["PATH=/bin", "HOME=/root"]);
  const meaning = meaningByStage0(asked);
  expect(meaning).toEqual(meaningOf(requestOf(asked.words)!, asked));
});

test("-t '' is understood, too", () => {
  const asked = lineOf(["-t", "", "/var/cache", "run", "true"]);
  expect(meaningByStage0(asked)).toEqual(
    meaningOf(requestOf(asked.words)!, asked),
  );
});

test.each([
  ["-m /usr / run true"],
  ["-m / . run true"],
  ["-m /usr /a/.. run true"],
  ["-m /usr // run true"],
  ["--hide /. run true"],
  ["-v .. . run true"],
  ["-- run true"],
  ["ps"],
  ["run"],
  ["run --"],
  ["-e A b -e A c run true"],
  ["--keep-fd 5 --keep-fd 3 run true"],
  ["--as-root run true"],
  ["--dry-run run true"],
  ["--vol=/a:/b run true"],
  ["--init --init run true"],
])("stage 0 leaves to Bun: %s", (line) => {
  expect(meaningByStage0(lineOf(line.split(" ")))).toBeNull();
});

test("more than fits the table is Bun's", () => {
  const many = (count: number, one: readonly string[]) =>
    lineOf([...Array.from({ length: count }, () => one).flat(), "run", "x"]);
  expect(meaningByStage0(many(64, ["-m", "/a", "/b"]))?.mounts).toHaveLength(
    64,
  );
  expect(meaningByStage0(many(65, ["-m", "/a", "/b"]))).toBeNull();
  const changes = (count: number) =>
    lineOf([
      ...Array.from({ length: count }, (_, at) => ["-e", `A${at}`, "x"]).flat(),
      "run",
      "x",
    ]);
  expect(meaningByStage0(changes(32))?.environment).toHaveLength(32);
  expect(meaningByStage0(changes(33))).toBeNull();
  const long = (length: number) =>
    lineOf(["-e", "A", "x".repeat(length), "run", "x"]);
  expect(meaningByStage0(long(65_000))?.environment[0]).toHaveLength(65_002);
  expect(meaningByStage0(long(65_536))).toBeNull();
  const variables = (count: number) =>
    lineOf(
      ["-E", "NONE", "run", "x"],
      Array.from({ length: count }, (_, at) => `A${at}=x`),
    );
  expect(meaningByStage0(variables(992))?.environment).toHaveLength(992);
  expect(meaningByStage0(variables(993))).toBeNull();
});
