/** Images as buildah makes them, in a storage of the test's own that mounts nothing. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "bun:test";
import { makeRoom } from "./room.ts";
import { runOutside } from "./run.ts";

/** A storage of containers and images; root's. */
export class ImageStorage {
  readonly #base: readonly string[];

  constructor() {
    const room = makeRoom();
    for (const name of ["root", "run"]) mkdirSync(join(room, name));
    this.#base = [
      "/usr/bin/buildah",
      "--root",
      join(room, "root"),
      "--runroot",
      join(room, "run"),
      // Plain directories: nothing is mounted on the host.
      "--storage-driver",
      "vfs",
    ];
  }

  /** What buildah prints. */
  async buildah(...words: readonly string[]): Promise<string> {
    const options = { user: 0, timeout: 120 };
    const result = await runOutside([...this.#base, ...words], options);
    expect(result).toMatchObject({ status: 0 });
    return result.stdout.trim();
  }

  /** A new image on top of another ("scratch" for none), with what the script does to its root. */
  async build(
    image: string,
    from: string,
    script: string,
    ...config: readonly string[]
  ): Promise<void> {
    const container = await this.buildah("from", "--pull-never", from);
    const root = await this.buildah("mount", container);
    const made = await runOutside(["/bin/sh", "-ec", script], {
      user: 0,
      cwd: root,
    });
    expect(made).toMatchObject({ status: 0, stderr: "" });
    if (config.length > 0) await this.buildah("config", ...config, container);
    await this.buildah("commit", "--quiet", "--rm", container, image);
  }

  /** The path of an image's tree as buildah shows it. */
  async mount(image: string): Promise<string> {
    return this.buildah(
      "mount",
      await this.buildah("from", "--pull-never", image),
    );
  }
}
