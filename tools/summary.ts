/**
 * What a run of `bun test` came to, read from the lines that it ends with. Its
 * JUnit file alone would not do: a test file that does not load is missing in it.
 */

/** How many tests ended in which way. */
export interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The last line that is a number and one of these words. */
function count(output: string, word: string): number {
  const lines = output.matchAll(new RegExp(`^ *([0-9]+) ${word}s?$`, "gm"));
  return Number([...lines].at(-1)?.[1] ?? 0);
}

/**
 * The summary of a run by its output and exit status. A run that failed has
 * failed at least once, whatever it counted; so has one that ran nothing.
 */
export function parseSummary(output: string, status: number): Summary {
  const passed = count(output, "pass");
  const failed = Math.max(count(output, "fail"), count(output, "error"));
  const skipped = count(output, "skip") + count(output, "todo");
  const closed = /^Ran [0-9]+ tests? across [0-9]+ files?\./m.test(output);
  const unclear = status !== 0 || !closed || passed + failed === 0;
  return { passed, failed: unclear ? Math.max(failed, 1) : failed, skipped };
}

/** The names of the skipped tests in Bun's JUnit report. */
export function parseSkipped(report: string): string[] {
  const cases = report.matchAll(/<testcase name="([^"]*)"[^>]*>\s*<skipped/g);
  return Array.from(cases, ([, name = ""]) =>
    name
      .replaceAll("&quot;", '"')
      .replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">")
      .replaceAll("&apos;", "'")
      .replaceAll("&amp;", "&"),
  );
}
