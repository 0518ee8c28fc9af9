/** A terminal of its own for a command of the ordinary user's. */

const SETPRIV = [
  "setpriv",
  "--reuid",
  "1000",
  "--regid",
  "1000",
  "--clear-groups",
];

/** Runs bash with SCRIPT on a terminal, `$1…` being WORDS; gives what the screen showed. */
export async function onTerminal(
  script: string,
  words: readonly string[],
): Promise<string> {
  let screen = "";
  const child = Bun.spawn(
    [...SETPRIV, "bash", "-c", script, "bash", ...words],
    {
      cwd: "/",
      env: { PATH: "/usr/bin:/bin", TERM: "dumb" },
      terminal: {
        cols: 200,
        rows: 24,
        data: (_terminal, data) => {
          screen += Buffer.from(data).toString();
        },
      },
    },
  );
  await child.exited;
  child.terminal!.close();
  return screen;
}
