/**
 * What `install` puts beside the program: licences, the man page, completions
 * where each shell looks for them, and the AppArmor profile.
 */

import type { Companion, Installation } from "../launch/install-program.ts";
import { quote, type Bytes } from "../plan/bytes.ts";
import { SelfdockError } from "../plan/error.ts";
import { renderBash } from "./complete-bash.ts";
import { renderFish } from "./complete-fish.ts";
import { renderZsh } from "./complete-zsh.ts";
import { LICENCES } from "./licences.ts";
import { renderManual } from "./manual.ts";
import { renderProfile } from "./apparmor.ts";

interface Row {
  /** Below the prefix, or absolute. */
  readonly directory: string;
  readonly name: string;
  readonly own?: true;
  readonly where?: string;
  readonly render: () => string;
}

const ROWS: readonly Row[] = [
  {
    directory: "share/doc/selfdock",
    name: "licences.md",
    own: true,
    render: () => LICENCES,
  },
  { directory: "share/man/man1", name: "selfdock.1", render: renderManual },
  {
    directory: "share/bash-completion/completions",
    name: "selfdock",
    render: renderBash,
  },
  {
    directory: "share/zsh/site-functions",
    name: "_selfdock",
    render: renderZsh,
  },
  {
    directory: "share/fish/vendor_completions.d",
    name: "selfdock.fish",
    render: renderFish,
  },
];

/** Where everything goes; `destination` is DESTDIR, or empty. */
export function planInstallation(
  prefix: Bytes,
  destination: Bytes,
): Installation {
  const base = prefix.replace(/\/+$/, "");
  const binaries = `${base}/bin` as Bytes;
  const program = `${binaries}/selfdock` as Bytes;
  const companions = [...ROWS, planProfile(program)].map(
    ({ directory, name, own = false, where = null, render }): Companion => ({
      directory: (directory.startsWith("/")
        ? directory
        : `${base}/${directory}`) as Bytes,
      name,
      own,
      where: where as Bytes | null,
      render,
    }),
  );
  return { destination, binaries, companions };
}

/** AppArmor before 4.0 knows no permission for user namespaces and would refuse the profile, but forbids none either. */
function planProfile(program: Bytes): Row {
  return {
    directory: "/etc/apparmor.d",
    name: program.slice(1).replaceAll("/", "."),
    where: "/etc/apparmor.d/abi/4.0",
    render: () => {
      if (/^[\w./+-]+$/.test(program)) return renderProfile(program);
      throw new SelfdockError(
        "launch",
        `Cannot write an AppArmor profile for ${quote(program)}: only letters, digits and "._+-" mean themselves in one`,
        "choose another --prefix",
      );
    },
  };
}
