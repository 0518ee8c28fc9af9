/** The archive of Debian packages that this machine's apt is configured with. */

/** A suite, and the address where it is. */
export interface Archive {
  readonly suite: string;
  readonly address: string;
}

/** The first of apt's configuration. Throws if there is none. */
export function aptArchive(): Archive {
  const format = "$(CREATED_BY) $(RELEASE) $(SITE)";
  const { stdout } = Bun.spawnSync([
    "apt-get",
    "indextargets",
    "--format",
    format,
  ]);
  const [, suite, address] =
    /^Packages (\S+) (\S+)$/m.exec(stdout.toString()) ?? [];
  if (suite === undefined || address === undefined)
    throw new Error("apt is configured with no archive");
  return { suite, address };
}
