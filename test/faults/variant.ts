/**
 * The program with the seam, built once in a test process, in both modes. The
 * setuid copy breaks at any user's word, so it is there only as long as its test
 * process, and removed in any case.
 */

import { chmodSync, chownSync, copyFileSync, mkdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { build } from "../../build.ts";
import { baseDirectory, makeProcessDirectory } from "../harness/base.ts";
import type { ModeName } from "./logins.ts";

/** What stands in the place of the product's files of the same name. */
const SEAM = [
  import.meta.resolve("./seam/encode.ts"),
  import.meta.resolve("./seam/starter-executable.ts"),
  import.meta.resolve("./seam/play-order.ts"),
  import.meta.resolve("./seam/spawner-executable.ts"),
].map((url) => Bun.fileURLToPath(url));

async function buildVariants(): Promise<Readonly<Record<ModeName, string>>> {
  const directory = join(baseDirectory(), "seam");
  mkdirSync(directory, { mode: 0o755 });
  const rootless = join(directory, "selfdock");
  await build(rootless, [
    {
      name: "seam",
      setup: (bundle) => {
        for (const seam of SEAM)
          bundle.onResolve(
            { filter: new RegExp(`/${basename(seam)}$`) },
            ({ path, importer }) => ({
              path:
                importer === seam ? Bun.resolveSync(path, dirname(seam)) : seam,
            }),
          );
      },
    },
  ]);
  const setuid = join(
    makeProcessDirectory("/usr/local/lib", false),
    "selfdock",
  );
  copyFileSync(rootless, setuid);
  chownSync(setuid, 0, 0);
  chmodSync(setuid, 0o4755);
  return { rootless, setuid, root: rootless };
}

let built: ReturnType<typeof buildVariants> | undefined;

/** The paths of the variant's copies; root starts the plain one. */
export function variants(): ReturnType<typeof buildVariants> {
  built ??= buildVariants();
  return built;
}
