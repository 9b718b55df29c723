import type { Point } from './picture.ts';

/** An SVG path through points: level through what it passes, a soft step in between. */
export function pathOf(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (!first) return '';
  let path = `M${first[0]} ${first[1]}`;
  let [x, y] = first;
  for (const [nextX, nextY] of rest) {
    if (nextY === y) path += `H${nextX}`;
    else {
      const half = (nextX - x) / 2;
      path += `C${x + half} ${y} ${nextX - half} ${nextY} ${nextX} ${nextY}`;
    }
    [x, y] = [nextX, nextY];
  }
  return path;
}
