import type { Band, Item, Scene } from './scene.ts';
import { separate } from './separate.ts';
import { BETWEEN_BANDS, BETWEEN_CARDS, HEADER, heightOf, PADDING } from './spacing.ts';

const SWEEPS = 8;

/** Moves everything towards what it hangs together with, layer by layer, there and back. */
export function settle({ layers }: Scene): void {
  for (const layer of layers) {
    for (const band of layer) {
      band.height = leastHeight(band);
      for (const column of band.columns) align(column, band, () => 0);
    }
    spread(layer);
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const goesRight = sweep % 2 === 0;
    // The last ones look both ways, so that neither side is crooked.
    const both = sweep >= SWEEPS - 2;
    const wish = (item: Item) =>
      mean(both ? [...item.before, ...item.after] : goesRight ? item.before : item.after) ?? item.y;
    for (const layer of goesRight ? layers : layers.toReversed()) {
      for (const band of layer) {
        // Where it wants to be is what all in it want together.
        band.y = average(band.columns.flat().map(wish)) ?? band.y;
        for (const column of goesRight ? band.columns : band.columns.toReversed()) align(column, band, wish);
      }
      spread(layer);
    }
  }
}

const average = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
const mean = (items: readonly Item[]): number | null => average(items.map(({ y }) => y));

const packed = (column: readonly Item[]): number =>
  column.reduce((sum, item) => sum + heightOf(item) + BETWEEN_CARDS, -BETWEEN_CARDS);

/** As high as its fullest column, and no higher, however far apart its neighbours are. */
const leastHeight = ({ columns, group }: Band): number =>
  Math.max(0, ...columns.map(packed)) + (group === null ? 0 : HEADER + 2 * PADDING);

/** Orders a column by what its items want, and gives each its place inside of its band. */
function align(column: Item[], { y, height, group }: Band, wish: (item: Item) => number): void {
  const wishes = new Map(column.map((item) => [item, wish(item)]));
  column.sort((a, b) => (wishes.get(a) ?? 0) - (wishes.get(b) ?? 0));
  const [above, below] = group === null ? [0, 0] : [HEADER + PADDING, PADDING];
  const [top, bottom] = [y - height / 2 + above, y + height / 2 - below];
  const middles = separate(
    column.map((item) => {
      const half = heightOf(item) / 2;
      return { size: 2 * half, at: Math.min(bottom - half, Math.max(top + half, wishes.get(item) ?? 0)) };
    }),
    BETWEEN_CARDS,
  );
  let edge = top;
  column.forEach((item, index) => {
    item.y = Math.max(middles[index] ?? 0, edge + heightOf(item) / 2);
    edge = item.y + heightOf(item) / 2 + BETWEEN_CARDS;
  });
  edge = bottom;
  for (const item of column.toReversed()) {
    item.y = Math.min(item.y, edge - heightOf(item) / 2);
    edge = item.y - heightOf(item) / 2 - BETWEEN_CARDS;
  }
}

/** Keeps the bands of a layer apart. */
function spread(layer: Band[]): void {
  layer.sort((a, b) => a.y - b.y);
  const middles = separate(
    layer.map(({ y, height }) => ({ size: height, at: y })),
    BETWEEN_BANDS,
  );
  layer.forEach((band, index) => {
    const by = (middles[index] ?? 0) - band.y;
    if (by === 0) return;
    band.y += by;
    for (const column of band.columns) for (const item of column) item.y += by;
  });
}
