/**
 * The walls of .oxlintrc.json see `import … from` alone. This holds the rest:
 * `import()` and `require()` stand in src/commands only, which loads what `run`
 * does not need (help, messages) when it is wanted, and there they name files
 * of the project or packages, never Node's or Bun's own modules.
 */

import { isBuiltin } from "node:module";
import { Glob } from "bun";
import { join } from "pathe";

const transpiler = new Bun.Transpiler({ loader: "ts" });

/** The dynamic imports of one file that break the rule, as messages. */
export function scanDynamicImports(path: string, text: string): string[] {
  return transpiler
    .scanImports(text)
    .filter(({ kind }) => kind !== "import-statement")
    .filter(
      ({ path: target }) =>
        !path.startsWith("src/commands/") ||
        isBuiltin(target) ||
        /^bun(:|$)/.test(target),
    )
    .map(({ path: target }) => `${path}: Cannot import "${target}" here`);
}

/** Every breach below `root`. */
export async function findDynamicImports(root: string): Promise<string[]> {
  const breaches: string[] = [];
  for await (const path of new Glob("{src,syscalls}/**/*.ts").scan(root)) {
    const text = await Bun.file(join(root, path)).text();
    breaches.push(...scanDynamicImports(path, text));
  }
  return breaches;
}
