/**
 * Source packages of Debian, from where this machine's apt gets its packages;
 * apt checks them by the signed index of the archive.
 */

import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { aptArchive } from "./archive.ts";
import { rootOf } from "./roots.ts";

const fetched = new Map<string, string>();
let prepared: { readonly directory: string; readonly apt: Apt } | undefined;

type Apt = (...words: readonly string[]) => void;

/** An apt of its own, with the index of sources. */
function prepare(): { readonly directory: string; readonly apt: Apt } {
  const directory = rootOf("source");
  mkdirSync(join(directory, "lists/partial"), { recursive: true });
  const { suite, address } = aptArchive();
  writeFileSync(
    join(directory, "sources.list"),
    `deb-src ${address} ${suite} main\n`,
  );
  const options = [
    `Dir::Etc::SourceList=${directory}/sources.list`,
    "Dir::Etc::SourceParts=/dev/null",
    `Dir::State::Lists=${directory}/lists`,
    "Acquire::Languages=none",
    "APT::Sandbox::User=root",
  ].flatMap((option) => ["-o", option]);
  const apt = (...words: readonly string[]) => {
    const result = Bun.spawnSync(["apt-get", "-q", ...options, ...words], {
      cwd: directory,
    });
    if (result.exitCode !== 0) throw new Error(result.stderr.toString());
  };
  apt("update");
  return { directory, apt };
}

/** The directory of a source package with its patches, fetched once in a test process. */
export function debianSource(name: string): string {
  const known = fetched.get(name);
  if (known !== undefined) return known;
  prepared ??= prepare();
  const { directory, apt } = prepared;
  apt("source", name);
  const form = new RegExp(`^${name}-[0-9.]+$`);
  const path = join(
    directory,
    readdirSync(directory).find((entry) => form.test(entry))!,
  );
  fetched.set(name, path);
  return path;
}
