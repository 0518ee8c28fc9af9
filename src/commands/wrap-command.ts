/**
 * A command line on lines of at most `width` columns, as a shell takes it: it is
 * broken at spaces outside of quotes, each line but the last ending in a
 * backslash, the further ones indented.
 */
export function wrapCommand(line: string, width: number): readonly string[] {
  const words = line.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  const lines: string[] = [];
  let current = "";
  for (const word of words) {
    const longer = current === "" ? word : `${current} ${word}`;
    if (longer.length > width - 2 && current.trim() !== "") {
      lines.push(`${current} \\`);
      current = `    ${word}`;
    } else current = longer;
  }
  return [...lines, current];
}
