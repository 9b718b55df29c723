import type { Layout, Point } from './picture.ts';
import type { Item, Scene } from './scene.ts';
import { BETWEEN_COLUMNS, BETWEEN_LAYERS, CARD, PADDING } from './spacing.ts';

/** Pixels of a scene in which everything has its place. */
export function measure({ layers, widths, cards, ways }: Scene): Layout {
  const starts: number[] = [];
  let x = 0;
  for (const width of widths) {
    starts.push(x);
    x += 2 * PADDING + width * CARD.width + (width - 1) * BETWEEN_COLUMNS + BETWEEN_LAYERS;
  }
  let [top, bottom] = [Infinity, -Infinity];
  for (const band of layers.flat()) {
    top = Math.min(top, band.y - band.height / 2);
    bottom = Math.max(bottom, band.y + band.height / 2);
  }
  const left = (item: Item) =>
    (starts[item.band.layer] ?? 0) + PADDING + item.column * (CARD.width + BETWEEN_COLUMNS);
  const y = (item: Item) => Math.round(item.y - top);
  const groups = layers.flat().flatMap((band) => {
    if (band.group === null) return [];
    const own = band.columns.length;
    return [
      {
        name: band.group,
        x: starts[band.layer] ?? 0,
        y: Math.round(band.y - band.height / 2 - top),
        width: 2 * PADDING + own * CARD.width + (own - 1) * BETWEEN_COLUMNS,
        height: Math.round(band.height),
      },
    ];
  });
  const passes = (item: Item): number => {
    const width = item.band.group === null ? (widths[item.band.layer] ?? 1) : 1;
    return width * CARD.width + (width - 1) * BETWEEN_COLUMNS;
  };
  return {
    width: x - BETWEEN_LAYERS,
    height: Math.round(bottom - top),
    groups,
    cards: new Map([...cards].map(([id, item]) => [id, { x: left(item), y: y(item) - CARD.height / 2 }])),
    edges: ways.map(({ edge: [from, to], items }) => ({
      from,
      to,
      points: items.flatMap((item, index): Point[] => {
        if (index === 0) return [[left(item) + CARD.width, y(item)]];
        if (index === items.length - 1) return [[left(item), y(item)]];
        return [
          [left(item), y(item)],
          [left(item) + passes(item), y(item)],
        ];
      }),
    })),
  };
}
