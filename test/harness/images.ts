/** Images as buildah makes them, in a storage of the test's own that mounts nothing. */

import { expect } from "bun:test";
import { makeRoom } from "./room.ts";
import { runOutside } from "./run.ts";

/** A storage of containers and images; root's. Of plain directories: nothing is mounted on the host. */
export class ImageStorage {
  readonly #storage: readonly string[];

  constructor() {
    this.#storage = [
      "--root",
      makeRoom(),
      // Podman takes no longer path for it.
      "--runroot",
      makeRoom(),
      "--storage-driver",
      "vfs",
    ];
  }

  /** What buildah prints. */
  buildah(...words: readonly string[]): Promise<string> {
    return this.#run("/usr/bin/buildah", words);
  }

  async #run(program: string, words: readonly string[]): Promise<string> {
    const options = { user: 0, timeout: 120 };
    const all = [program, ...this.#storage, ...words];
    const result = await runOutside(all, options);
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

  /** To an archive or a directory, by containers-transports(5). */
  async write(image: string, target: string): Promise<void> {
    await this.buildah("push", "--quiet", image, target);
  }

  /** By podman, as docker save does. */
  async save(image: string, path: string): Promise<void> {
    await this.#run("/usr/bin/podman", [
      "--tmpdir",
      makeRoom(),
      "save",
      "--quiet",
      "-o",
      path,
      image,
    ]);
  }
}
