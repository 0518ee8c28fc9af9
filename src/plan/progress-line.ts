/** A line of a terminal that is written again and again. */

/** DECAWM: what is wider than the terminal is cut, and does not go on in the next line. */
const [CUT, WRAP] = ["\x1b[?7l", "\x1b[?7h"];
const REST = "\x1b[K";

/** Takes the place of the last one. */
export function renderProgressLine(text: string): string {
  return `\r${CUT}${text}${REST}${WRAP}`;
}

/** Takes it away. */
export const NO_PROGRESS_LINE = `\r${REST}`;
