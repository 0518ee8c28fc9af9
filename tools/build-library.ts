/**
 * Builds the library: one file for Bun with all that it needs, so that the
 * package depends on nothing, and one that says so to other runtimes. The types
 * are src/selfdock.d.ts as it is.
 */

import { renameSync } from "node:fs";
import { join } from "pathe";

const ROOT = join(import.meta.dirname, "..");

/** Bundles a file of src for `directory`, under its name there. */
async function bundle(
  entry: string,
  target: "bun" | "node",
  outfile: string,
): Promise<void> {
  const result = await Bun.build({
    entrypoints: [join(ROOT, entry)],
    root: ROOT,
    target,
    format: target === "bun" ? "esm" : "cjs",
    banner: "/* selfdock, MPL-2.0. */",
  });
  const [output] = result.outputs;
  if (!result.success || output === undefined)
    throw new AggregateError(result.logs, "bun build failed");
  const partial = `${outfile}.partial-${process.pid}`;
  await Bun.write(partial, output);
  renameSync(partial, outfile);
}

/** Writes `index.js` and `bun-only.cjs` to the directory. */
export async function buildLibrary(directory: string): Promise<void> {
  await bundle("src/index.ts", "bun", join(directory, "index.js"));
  await bundle(
    "src/library/bun-only.ts",
    "node",
    join(directory, "bun-only.cjs"),
  );
}
