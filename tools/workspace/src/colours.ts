import { randomInt } from 'node:crypto';
import pc from 'picocolors';

/**
 * The framework's own colours. Each code is written with a secret of this process in front (`ESC[4711;815;…;31m`), by
 * which `terminalText` tells it from those that data brings along: it lets these pass, without the secret, and removes
 * all others. Terminals skip numbers that they do not know, and so does what strips colours.
 */
const SECRET = Array.from({ length: 4 }, () => randomInt(1_000, 10_000)).join(';');

/** One of our codes, with its number in a group. */
export const OWN_CODE = new RegExp(`\u001b\\[${SECRET};(\\d+)m`);

/** A code of ours. */
export const ownCode = (number: number): string => `\u001b[${SECRET};${number}m`;

function colour(open: number, close: number): (text: string) => string {
  const [begin, end] = [ownCode(open), ownCode(close)];
  // Within another, the end of the inner one goes on with the outer one; bold and dim have the same end.
  const again = close === 22 ? end + begin : begin;
  return (text) => (pc.isColorSupported ? begin + text.replaceAll(end, again) + end : text);
}

export const colours = {
  bold: colour(1, 22),
  dim: colour(2, 22),
  red: colour(31, 39),
  green: colour(32, 39),
  yellow: colour(33, 39),
  cyan: colour(36, 39),
} as const;
