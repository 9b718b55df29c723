import { type Band, type Edge, type Item, type Node, type Scene, sceneOf } from './scene.ts';
import { separate } from './separate.ts';

export type { Edge, Node } from './scene.ts';

export const CARD = { width: 206, height: 62 } as const;
const HEADER = 40;
const PADDING = 14;
const BETWEEN_CARDS = 14;
const BETWEEN_COLUMNS = 54;
const BETWEEN_LAYERS = 56;
const BETWEEN_BANDS = 26;
const LANE = 12;
const SWEEPS = 8;

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly groups: readonly (Box & { readonly name: string })[];
  /** The upper left corner of each card. */
  readonly cards: ReadonlyMap<string, { readonly x: number; readonly y: number }>;
  readonly edges: readonly {
    readonly from: string;
    readonly to: string;
    readonly points: readonly Point[];
  }[];
}
export type Point = readonly [x: number, y: number];

/**
 * A layered picture, from left to right: groups in layers, cards in columns of their group, and for each edge a free lane
 * in whatever it passes. Nothing overlaps by construction: a band has the whole width of its layer for itself. The same
 * input gives the same picture.
 */
export function layOut(nodes: readonly Node[], edges: readonly Edge[]): Layout {
  const parts = componentsOf(nodes, edges).map((part) => draw(part.nodes, part.edges));
  return stack(parts);
}

/** Groups that hang together, the largest part first. */
function componentsOf(nodes: readonly Node[], edges: readonly Edge[]) {
  const parent = new Map<string, string>();
  const find = (name: string): string => {
    let root = name;
    while (parent.has(root)) root = parent.get(root) as string;
    for (let at = name; at !== root;) {
      const next = parent.get(at) as string;
      parent.set(at, root);
      at = next;
    }
    return root;
  };
  const groupOf = new Map(nodes.map(({ id, group }) => [id, group]));
  for (const [from, to] of edges) {
    const [a, b] = [groupOf.get(from), groupOf.get(to)];
    if (a === undefined || b === undefined) continue;
    const [one, other] = [find(a), find(b)];
    if (one !== other) parent.set(other, one);
  }
  const parts = [...Map.groupBy(nodes, ({ group }) => find(group)).values()];
  const rootOf = new Map(nodes.map(({ id, group }) => [id, find(group)]));
  const byRoot = Map.groupBy(edges, ([from]) => rootOf.get(from) ?? '');
  return parts
    .map((own) => ({ nodes: own, edges: byRoot.get(rootOf.get(own[0]?.id ?? '') ?? '') ?? [] }))
    .sort((a, b) => b.nodes.length - a.nodes.length);
}

const sizeOf = (item: Item): number => (item.isCard ? CARD.height : LANE);

function draw(nodes: readonly Node[], edges: readonly Edge[]): Layout {
  const scene = sceneOf(nodes, edges);
  settle(scene);
  return measure(scene);
}

/** Moves everything towards what it hangs together with, layer by layer, there and back. */
function settle({ layers }: Scene): void {
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
  column.reduce((sum, item) => sum + sizeOf(item) + BETWEEN_CARDS, -BETWEEN_CARDS);

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
      const half = sizeOf(item) / 2;
      return { size: 2 * half, at: Math.min(bottom - half, Math.max(top + half, wishes.get(item) ?? 0)) };
    }),
    BETWEEN_CARDS,
  );
  let edge = top;
  column.forEach((item, index) => {
    item.y = Math.max(middles[index] ?? 0, edge + sizeOf(item) / 2);
    edge = item.y + sizeOf(item) / 2 + BETWEEN_CARDS;
  });
  edge = bottom;
  for (const item of column.toReversed()) {
    item.y = Math.min(item.y, edge - sizeOf(item) / 2);
    edge = item.y - sizeOf(item) / 2 - BETWEEN_CARDS;
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

function measure({ layers, widths, cards, ways }: Scene): Layout {
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

const BETWEEN_PARTS = 48;

/** Parts that do not hang together: on shelves below the largest, as wide as it. */
function stack(parts: readonly Layout[]): Layout {
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
