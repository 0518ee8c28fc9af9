/** The help texts of install and uninstall as they are. */

import { expect, test } from "bun:test";
import { renderHelp } from "../../../src/commands/help.ts";

test("selfdock install --help", () => {
  expect(renderHelp("install", false)).toMatchInlineSnapshot(`
    "selfdock install: Install selfdock for all users; asks for root

    Usage:
      selfdock install [--prefix DIR] [--mode MODE]

    Description:
      Copy this program to DIR/bin/selfdock, owned by root and by default setuid, so
      that it also works where user namespaces are forbidden. The man page,
      completions of bash, zsh and fish and the licences go to DIR/share, and where
      AppArmor 4 is (/etc/apparmor.d/abi/4.0), a profile that lets the program make
      user namespaces goes to /etc/apparmor.d. A directory that others than root can
      change is refused.

    Installation options:
          --prefix DIR  Where programs live; absolute, by default /usr/local.
                        selfdock itself goes to DIR/bin. The variable DESTDIR, if
                        set, is put before every path.
          --mode MODE   Its permissions in octal, by default 4755: setuid root. 0755
                        works where user namespaces are allowed.

    General options:
      -h, --help        Print help and exit.
          --version     Print the version and exit.

    Exit status:
      0    done
      124  selfdock cannot do what was asked

    Examples:
      # Install /usr/local/bin/selfdock
      selfdock install
      # Install /opt/bin/selfdock
      selfdock install --prefix /opt
      # Install for everyone, without privilege
      selfdock install --mode 0755
    "
  `);
});

test("selfdock uninstall --help", () => {
  expect(renderHelp("uninstall", false)).toMatchInlineSnapshot(`
    "selfdock uninstall: Remove what install has made

    Usage:
      selfdock uninstall [--prefix DIR]

    Description:
      Remove the program and every file that install puts beside it, and nothing
      else.

    Installation options:
          --prefix DIR  Where programs live; absolute, by default /usr/local.
                        selfdock itself goes to DIR/bin. The variable DESTDIR, if
                        set, is put before every path.

    General options:
      -h, --help        Print help and exit.
          --version     Print the version and exit.

    Exit status:
      0    done
      124  selfdock cannot do what was asked

    Examples:
      # Remove it again
      selfdock uninstall
      # And remove it
      selfdock uninstall --prefix /opt
    "
  `);
});
