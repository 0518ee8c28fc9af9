/** The keys that a terminal acts upon itself. */

export const INTERRUPT = "\u0003";
export const QUIT = "\u001c";
export const SUSPEND = "\u001a";
export const END = "\u0004";
