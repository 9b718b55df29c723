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
