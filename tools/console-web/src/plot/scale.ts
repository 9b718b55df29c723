/** Places of values on a plot: evenly from left to right, and from the least to the most with zero where it is near. */
export function scaleOf(
  points: readonly { readonly value: number }[],
  width: number,
  height: number,
  pad: number,
): { readonly x: (index: number) => number; readonly y: (value: number) => number } {
  let [least, most] = [Infinity, -Infinity];
  for (const { value } of points) [least, most] = [Math.min(least, value), Math.max(most, value)];
  // A small wobble of something large should not look like a fall to nothing.
  const low = least >= 0 && least < most / 2 ? 0 : least - (most - least) * 0.2;
  const high = most === low ? low + 1 : most;
  return {
    x: (index) => (points.length === 1 ? width / 2 : pad + (index / (points.length - 1)) * (width - 2 * pad)),
    y: (value) =>
      most === least ? height / 2 : height - pad - ((value - low) / (high - low)) * (height - 2 * pad),
  };
}
