/** The candidate that a mistyped word most likely meant, or null if none is near. Of equals, the first. */
export function suggest(word: string, candidates: Iterable<string>): string | null {
  const typed = word.toLowerCase();
  // In a short word one mistake is a large part of it.
  let limit = Math.min(3, Math.ceil((word.length - 1) / 3));
  let nearest: string | null = null;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > limit) continue;
    const mistakes = distance(typed, candidate.toLowerCase());
    if (mistakes > limit) continue;
    nearest = candidate;
    limit = mistakes - 1;
    if (limit < 0) break;
  }
  return nearest;
}

/** Letters to add, leave out or replace, and neighbours to swap, to get from one word to the other. */
function distance(from: string, to: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: to.length + 1 }, (_, column) => column);
  const at = (row: readonly number[], column: number) => row[column] ?? Infinity;
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      const swapped = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      row.push(
        Math.min(
          at(last, j) + 1,
          at(row, j - 1) + 1,
          at(last, j - 1) + (same ? 0 : 1),
          swapped ? at(beforeLast, j - 2) + 1 : Infinity,
        ),
      );
    }
    beforeLast = last;
    last = row;
  }
  return at(last, to.length);
}
