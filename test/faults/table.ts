/** Tables in the tests' output, for people. */

/** One row a line: its name, then each count with its name. */
export function printTable(
  title: string,
  rows: readonly (readonly [
    name: string,
    row: Readonly<Record<string, number>>,
  ])[],
): void {
  const width = Math.max(...rows.map(([name]) => name.length));
  console.log(`\n${title}`);
  for (const [name, row] of rows) {
    const counts = Object.entries(row).map(
      ([what, count]) => `${String(count).padStart(5)} ${what}`,
    );
    console.log(`  ${name.padEnd(width)}${counts.join("")}`);
  }
}
