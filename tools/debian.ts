/** Installs the Debian packages of debian-packages.txt that are missing. */

import { readFileSync } from "node:fs";
import { join } from "pathe";

function listPackages(): string[] {
  const list = readFileSync(
    join(import.meta.dir, "debian-packages.txt"),
    "utf8",
  );
  return list
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim().split(/\s+/)[0] ?? "")
    .filter((name) => name !== "");
}

function isInstalled(name: string): boolean {
  const query = Bun.spawnSync([
    "dpkg-query",
    "--show",
    "--showformat=${db:Status-Status}",
    name,
  ]);
  return query.stdout.toString() === "installed";
}

function apt(...words: string[]): void {
  const { exitCode } = Bun.spawnSync(["apt-get", "--quiet", ...words], {
    stdin: "ignore",
    stdout: "inherit",
    stderr: "inherit",
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  if (exitCode !== 0) {
    throw new Error(
      `Cannot install Debian packages: apt-get ${words[0]} failed`,
    );
  }
}

/** Makes sure of every package; throws with the command to run if it cannot. */
export function installDebianPackages(): void {
  if (Bun.which("dpkg-query") === null) {
    console.log(
      "This is not Debian: tests whose programs are missing are skipped",
    );
    return;
  }
  const missing = listPackages().filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  const install = ["install", "--yes", "--no-install-recommends", ...missing];
  if (process.getuid?.() !== 0) {
    throw new Error(
      `Cannot test: Debian packages are missing\nhint: sudo apt-get ${install.join(" ")}`,
    );
  }
  apt("update");
  apt(...install);
}
