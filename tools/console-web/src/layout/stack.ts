import type { Layout, Point } from './picture.ts';
import { BETWEEN_PARTS } from './spacing.ts';

/** Unconnected parts: on shelves below the largest, as wide as it. */
export function stack(parts: readonly Layout[]): Layout {
  const width = Math.max(0, ...parts.map((part) => part.width));
  let [x, y, shelf] = [0, 0, 0];
  const placed = parts.map((part) => {
    if (x > 0 && x + part.width > width) [x, y, shelf] = [0, y + shelf + BETWEEN_PARTS, 0];
    const at = { part, dx: x, dy: y };
    x += part.width + BETWEEN_PARTS;
    shelf = Math.max(shelf, part.height);
    return at;
  });
  return {
    width,
    height: y + shelf,
    groups: placed.flatMap(({ part, dx, dy }) =>
      part.groups.map((box) => ({ ...box, x: box.x + dx, y: box.y + dy })),
    ),
    cards: new Map(
      placed.flatMap(({ part, dx, dy }) =>
        [...part.cards].map(([id, at]) => [id, { x: at.x + dx, y: at.y + dy }] as const),
      ),
    ),
    edges: placed.flatMap(({ part, dx, dy }) =>
      part.edges.map((edge) => ({
        ...edge,
        points: edge.points.map(([px, py]): Point => [px + dx, py + dy]),
      })),
    ),
  };
}
