/**
 * A checksum that tells damage, not forgery: each step can be undone, so that no
 * change of one word goes unseen.
 */

/** What the words are mixed with: odd, so that nothing is lost. */
export const CHECKSUM = {
  first: 0xcbf2_9ce4_8422_2325n,
  factor: 0x9e37_79b9_7f4a_7c15n,
  turn: 29,
} as const;

const MASK = 2n ** 64n - 1n;

/** Of whole words of eight bytes. */
export function checksumOf(words: Uint8Array): bigint {
  const bytes = Buffer.from(words.buffer, words.byteOffset, words.length);
  const turn = BigInt(CHECKSUM.turn);
  let sum: bigint = CHECKSUM.first;
  for (let at = 0; at < bytes.length; at += 8) {
    sum = ((sum ^ bytes.readBigUInt64LE(at)) * CHECKSUM.factor) & MASK;
    sum = ((sum << turn) | (sum >> (64n - turn))) & MASK;
  }
  return sum;
}
