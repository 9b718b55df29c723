import { ranksOf } from './ranks.ts';

export interface Node {
  readonly id: string;
  readonly group: string;
}
export type Edge = readonly [from: string, to: string];

/** A card, or a place through which an edge passes a column; all edges of one card share it. */
export interface Item {
  readonly node: string;
  readonly isCard: boolean;
  /** Column in its layer. */
  readonly column: number;
  readonly band: Band;
  readonly before: Item[];
  readonly after: Item[];
  /** Its middle. */
  y: number;
}

/** What has the whole width of a layer for itself: a group, or an edge that passes between groups. */
export interface Band {
  readonly layer: number;
  /** `null` for an edge that passes. */
  readonly group: string | null;
  /** By column; an edge that passes has one item. */
  readonly columns: Item[][];
  /** Its middle, and how high it is. */
  y: number;
  height: number;
}

export interface Scene {
  readonly layers: readonly Band[][];
  /** How many columns each layer has. */
  readonly widths: readonly number[];
  readonly cards: ReadonlyMap<string, Item>;
  /** For each edge, the items that it passes, its ends included. */
  readonly ways: readonly { readonly edge: Edge; readonly items: readonly Item[] }[];
}

/** Puts nodes into layers of groups and columns in them, with a lane for each edge in whatever it passes. */
export function sceneOf(nodes: readonly Node[], edges: readonly Edge[]): Scene {
  const groupOf = new Map(nodes.map(({ id, group }) => [id, group]));
  const known = edges.filter(([from, to]) => groupOf.has(from) && groupOf.has(to) && from !== to);
  const groups = [...new Set(nodes.map(({ group }) => group))];
  const between = known.map(([from, to]): Edge => [groupOf.get(from) ?? '', groupOf.get(to) ?? '']);
  const layerOf = ranksOf(groups, between);
  const columnOf = ranksOf(
    nodes.map(({ id }) => id),
    known.filter(([from, to]) => groupOf.get(from) === groupOf.get(to)),
  );

  const layers: Band[][] = [];
  const bands = new Map<string, Band>();
  const bandOf = (layer: number, group: string | null, name: string): Band => {
    const found = bands.get(name);
    if (found) return found;
    const band: Band = { layer, group, columns: [], y: 0, height: 0 };
    bands.set(name, band);
    (layers[layer] ??= []).push(band);
    return band;
  };
  const place = (node: string, isCard: boolean, column: number, band: Band): Item => {
    const item: Item = { node, isCard, column, band, before: [], after: [], y: 0 };
    (band.columns[column] ??= []).push(item);
    return item;
  };
  const cards = new Map<string, Item>();
  for (const { id, group } of nodes) {
    const band = bandOf(layerOf.get(group) ?? 0, group, `group ${group}`);
    cards.set(id, place(id, true, columnOf.get(id) ?? 0, band));
  }
  const widths = layers.map((layer) => Math.max(1, ...layer.map(({ columns }) => columns.length)));

  const lanes = new Map<string, Item>();
  const laneIn = (node: string, column: number, band: Band, name: string): Item => {
    const found = lanes.get(name) ?? place(node, false, column, band);
    lanes.set(name, found);
    return found;
  };
  const link = (from: Item, to: Item) => {
    if (from.after.includes(to)) return;
    from.after.push(to);
    to.before.push(from);
  };
  const ways = known.map((edge) => {
    const [from, to] = [cards.get(edge[0]) as Item, cards.get(edge[1]) as Item];
    const items = [from];
    const [start, end] = [from.band.layer, to.band.layer];
    if (start < end) {
      const width = widths[start] ?? 1;
      for (let column = from.column + 1; column < Math.min(width, from.band.columns.length); column++)
        items.push(laneIn(edge[0], column, from.band, `out ${column} ${edge[0]}`));
      for (let layer = start + 1; layer < end; layer++) {
        const band = bandOf(layer, null, `pass ${layer} ${edge[0]}`);
        items.push(laneIn(edge[0], 0, band, `pass ${layer} ${edge[0]}`));
      }
      for (let column = 0; column < to.column; column++)
        items.push(laneIn(edge[0], column, to.band, `in ${to.band.group} ${column} ${edge[0]}`));
    } else if (from.band === to.band) {
      for (let column = from.column + 1; column < to.column; column++)
        items.push(laneIn(edge[0], column, from.band, `out ${column} ${edge[0]}`));
    }
    items.push(to);
    items.forEach((item, index) => index > 0 && link(items[index - 1] as Item, item));
    return { edge, items };
  });
  for (const band of bands.values())
    for (let column = 0; column < band.columns.length; column++) band.columns[column] ??= [];
  return { layers, widths, cards, ways };
}
