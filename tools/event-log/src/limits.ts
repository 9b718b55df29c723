/** A step keeps no more log lines than these. */
export const MOST_LINES = 50_000;

/** The last line of a step that logged more. */
export const droppedNote = (dropped: number): string =>
  `${dropped} more lines are not kept: a step keeps ${MOST_LINES}.`;

/** Ticks that are kept of each name, and for how long a request is kept at least, milliseconds. */
export const KEPT_TICKS = 500;
export const KEPT_REQUESTS = 90 * 86_400_000;

/** Bytes of one log line. */
const LONGEST = 8192;
const MARK = ' … (cut)';

/** The message itself, or its beginning, in whole characters. */
export function cutMessage(message: string): string {
  // No character has more than three bytes for each unit of length.
  if (message.length * 3 <= LONGEST || Buffer.byteLength(message) <= LONGEST) return message;
  const bytes = Buffer.from(message.slice(0, LONGEST)).subarray(0, LONGEST - Buffer.byteLength(MARK));
  // A stream keeps what may still become a character to itself.
  return `${new TextDecoder().decode(bytes, { stream: true })}${MARK}`;
}
