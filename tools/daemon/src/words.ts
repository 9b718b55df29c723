const formats = new Map<string, Intl.DateTimeFormat>();

/** A time as clocks of a zone show it: `2026-03-29 06:00 Europe/Berlin`. */
export function timeText(time: number, timeZone: string): string {
  const known =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  formats.set(timeZone, known);
  return `${known.format(time)} ${timeZone}`;
}

/** `a`, `a and b`, `a, b and 3 more`. */
export function listText(words: readonly string[], most = 3): string {
  const shown =
    words.length > most ? [...words.slice(0, most - 1), `${words.length - most + 1} more`] : words;
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** An id that nothing has yet: itself, or with a number. A clock that was set back shows a time again. */
export function freeId(id: string, isTaken: (id: string) => boolean): string {
  for (let number = 2, free = id; ; free = `${id}.${number++}`) if (!isTaken(free)) return free;
}
