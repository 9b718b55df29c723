/** Whether a pattern is more than a plain text. */
export const hasWildcard = (pattern: string): boolean => /[*?]/.test(pattern);

/** An accented letter can be written as one character or as two. Compared are texts where it is one. */
export const composed = (text: string): string => text.normalize('NFC');

/** Whether a composed text fits a pattern, in which `*` is any text and `?` any character. */
export function matcher(pattern: string): (text: string) => boolean {
  const wanted = [...composed(pattern).replace(/\*+/g, '*')];
  return (text) => fits([...text], wanted);
}

/** Not a regular expression: with many stars that takes time without bounds. */
function fits(text: readonly string[], pattern: readonly string[]): boolean {
  let [at, next] = [0, 0];
  // Only the last star is tried again: what an earlier one takes, the last one can take as well.
  let [star, retry] = [-1, 0];
  while (at < text.length) {
    if (pattern[next] === '*') {
      star = next++;
      retry = at;
    } else if (pattern[next] === '?' || pattern[next] === text[at]) {
      next++;
      at++;
    } else if (star >= 0) {
      next = star + 1;
      at = ++retry;
    } else {
      return false;
    }
  }
  // After the text there may be a star, which then takes nothing.
  return next === pattern.length || (next === pattern.length - 1 && pattern[next] === '*');
}
