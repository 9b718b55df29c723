/**
 * A layered layout, small and the same every time: rows by longest path, an edge that spans rows gets a lane in each
 * of them, rows are ordered so that few edges cross, and everything moves as close to its neighbours as it can.
 */
import type { AssetKey, AssetManifest, GroupManifest } from '@nx-assets/core';

export const CARD = { width: 206, height: 62 } as const;
const HEADER = 42;
const PADDING = 16;
const BETWEEN_CARDS = 16;
const BETWEEN_ROWS = 40;
const BETWEEN_GROUPS = 52;
const LANE = 30;
const BESIDE = 20;

/** A card, or the lane of an edge that passes a row. */
interface Item {
  readonly id: string;
  /** The card from which the edge of a lane comes; a card itself. */
  readonly source: AssetKey;
  readonly card: boolean;
  readonly row: number;
  readonly group: string;
  readonly up: Item[];
  readonly down: Item[];
  /** Its middle. */
  x: number;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly groups: readonly (Box & { readonly group: GroupManifest })[];
  readonly cards: readonly {
    readonly x: number;
    readonly y: number;
    readonly asset: AssetManifest;
    readonly name: string;
  }[];
  /** SVG paths. */
  readonly edges: readonly string[];
}

/** Groups that share no edge stand side by side. */
export function arrange(groups: readonly GroupManifest[]): Picture {
  const parts = componentsOf(groups).map(layOut);
  const placed: Box[] = [];
  const shifted = parts.map((part) => {
    let dx = 0;
    const hits = () =>
      part.blocks.some((box) => placed.some((other) => overlap({ ...box, x: box.x + dx }, other)));
    while (hits()) dx += 1;
    placed.push(...part.blocks.map((box) => ({ ...box, x: box.x + dx })));
    return part.at(dx);
  });
  return {
    width: Math.max(...placed.map((box) => box.x + box.width)),
    height: Math.max(...placed.map((box) => box.y + box.height)),
    groups: shifted.flatMap((part) => part.groups),
    cards: shifted.flatMap((part) => part.cards),
    edges: shifted.flatMap((part) => part.edges),
  };
}

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width + BESIDE &&
  b.x < a.x + a.width + BESIDE &&
  a.y < b.y + b.height + BESIDE &&
  b.y < a.y + a.height + BESIDE;

const groupOf = (key: string) => key.slice(0, key.indexOf('/'));
const depsOf = (asset: AssetManifest) => [...new Set(Object.values(asset.deps))].sort();

/** Groups that hang together, the largest set first. */
function componentsOf(groups: readonly GroupManifest[]): GroupManifest[][] {
  const sets: Set<GroupManifest>[] = groups.map((group) => new Set([group]));
  const find = (name: string) => sets.findIndex((set) => [...set].some((group) => group.name === name));
  for (const dep of groups.flatMap(({ name, assets }) =>
    assets.flatMap(depsOf).map((key) => [name, groupOf(key)] as const),
  )) {
    const [mine, theirs] = [find(dep[0]), find(dep[1])];
    if (mine === theirs) continue;
    for (const group of sets[theirs] ?? []) sets[mine]?.add(group);
    sets.splice(theirs, 1);
  }
  return sets.map((set) => [...set]).sort((a, b) => sizeOf(b) - sizeOf(a));
}

const sizeOf = (groups: readonly GroupManifest[]) =>
  groups.reduce((sum, { assets }) => sum + assets.length, 0);

function layOut(groups: readonly GroupManifest[]) {
  const assets = new Map(groups.flatMap((group) => group.assets).map((asset) => [asset.key, asset]));
  const rows = rowsOf(groups, assets);
  const items = itemsOf(assets, rows);
  order(items);
  place(items);
  return draw(groups, assets, items, rows);
}

/** The row of each asset: below every dep, and below every group that its group builds on. */
function rowsOf(
  groups: readonly GroupManifest[],
  assets: ReadonlyMap<AssetKey, AssetManifest>,
): ReadonlyMap<AssetKey, number> {
  const longest = <K>(from: readonly K[], below: (key: K) => readonly K[]) => {
    const ranks = new Map<K, number>();
    const rank = (key: K): number => {
      const known = ranks.get(key) ?? Math.max(-1, ...below(key).map(rank)) + 1;
      ranks.set(key, known);
      return known;
    };
    from.forEach(rank);
    return ranks;
  };
  const inside = longest([...assets.keys()], (key) =>
    depsOf(assets.get(key) as AssetManifest).filter((dep) => groupOf(dep) === groupOf(key)),
  );
  const ranks = longest(
    groups.map(({ name }) => name),
    (name) => {
      const deps = groups.find((group) => group.name === name)?.assets.flatMap(depsOf) ?? [];
      return [...new Set(deps.map(groupOf))].filter((other) => other !== name);
    },
  );
  const depth = (rank: number) =>
    Math.max(0, ...[...inside].filter(([key]) => ranks.get(groupOf(key)) === rank).map(([, row]) => row + 1));
  const start = (rank: number): number => (rank === 0 ? 0 : start(rank - 1) + depth(rank - 1));
  return new Map([...inside].map(([key, row]) => [key, start(ranks.get(groupOf(key)) ?? 0) + row]));
}

function itemsOf(
  assets: ReadonlyMap<AssetKey, AssetManifest>,
  rows: ReadonlyMap<AssetKey, number>,
): Item[][] {
  const table: Item[][] = [];
  const known = new Map<string, Item>();
  const item = (source: AssetKey, row: number): Item => {
    const id = `${row} ${source}`;
    const found = known.get(id);
    if (found) return found;
    const card = rows.get(source) === row;
    const made: Item = { id, source, card, row, group: groupOf(source), up: [], down: [], x: 0 };
    known.set(id, made);
    (table[row] ??= []).push(made);
    return made;
  };
  const connect = (upper: Item, lower: Item) => {
    if (upper.down.includes(lower)) return;
    upper.down.push(lower);
    lower.up.push(upper);
  };
  for (const key of [...assets.keys()].sort()) item(key, rows.get(key) ?? 0);
  for (const [key, asset] of [...assets].sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const dep of depsOf(asset)) {
      const end = rows.get(key) ?? 0;
      // Edges of one card share a lane.
      for (let row = rows.get(dep) ?? 0; row < end - 1; row++) connect(item(dep, row), item(dep, row + 1));
      connect(item(dep, end - 1), item(key, end));
    }
  }
  return table;
}

function crossings(table: readonly Item[][]): number {
  const at = new Map(table.flatMap((row) => row.map((item, index) => [item, index] as const)));
  const index = (item: Item) => at.get(item) ?? 0;
  let count = 0;
  for (const row of table) {
    const edges = row.flatMap((item) => item.down.map((below) => [index(item), index(below)] as const));
    edges.forEach(([a, b], first) => {
      for (const [c, d] of edges.slice(first + 1)) if ((a - c) * (b - d) < 0) count += 1;
    });
  }
  return count;
}

/** How far edges run sideways, and whether lanes cut through the cards of a group: what to avoid next. */
function unrest(table: readonly Item[][]): number {
  const at = new Map(
    table.flatMap((row) => row.map((item, index) => [item, index - (row.length - 1) / 2] as const)),
  );
  const position = (item: Item) => at.get(item) ?? 0;
  const run = table
    .flat()
    .flatMap((item) => item.down.map((below) => Math.abs(position(item) - position(below))));
  const cut = table.flatMap((row) => {
    const cards = row.flatMap((item, index) => (item.card ? [index] : []));
    const [first = 0, last = 0] = [cards[0], cards.at(-1)];
    return row.filter((item, index) => !item.card && index > first && index < last);
  });
  return run.reduce((sum, length) => sum + length, 0) + 3 * cut.length;
}

/** Swaps neighbours, and moves single items, as long as that makes the picture calmer. */
function order(table: Item[][]): void {
  const cost = () => 10 * crossings(table) + unrest(table);
  let best = cost();
  for (let improved = true; improved;) {
    improved = false;
    for (const row of table) {
      for (let from = 0; from < row.length; from++) {
        for (let to = 0; to < row.length; to++) {
          const before = [...row];
          row.splice(to, 0, ...row.splice(from, 1));
          const now = cost();
          if (now < best - 1e-9) [best, improved] = [now, true];
          else row.splice(0, row.length, ...before);
        }
      }
    }
  }
}

const halfWidth = (item: Item) => (item.card ? CARD.width / 2 : 0);
const gap = (a: Item, b: Item) =>
  halfWidth(a) + halfWidth(b) + (a.card && b.card ? BETWEEN_CARDS : a.card || b.card ? LANE : 18);

/** Lanes are kept straight before anything else. */
const pull = (a: Item, b: Item) => (a.card || b.card ? 1 : 400);

/** Every item goes where its neighbours are, as far as the order and the space of its row allow. */
function place(table: readonly Item[][]): void {
  for (const row of table)
    spread(
      row,
      row.map((_, index) => (index - (row.length - 1) / 2) * 120),
    );
  for (let round = 0; round < 4000; round++) {
    const rows = round % 2 === 0 ? table : [...table].reverse();
    for (const row of rows) {
      spread(
        row,
        row.map((item) => {
          const near = [...item.up, ...item.down].map((other) => ({ x: other.x, weight: pull(item, other) }));
          const sum = near.reduce((total, { x, weight }) => total + x * weight, 0);
          return near.length === 0 ? item.x : sum / near.reduce((total, { weight }) => total + weight, 0);
        }),
      );
    }
  }
  const left = Math.min(...table.flat().map((item) => item.x - halfWidth(item)));
  for (const item of table.flat()) item.x = Math.round(item.x - left);
}

/** The least squares solution: items that would overlap move together. */
function spread(row: readonly Item[], wanted: readonly number[]): void {
  let offset = 0;
  const offsets = row.map((item, index) => (offset += index === 0 ? 0 : gap(row[index - 1] as Item, item)));
  const blocks: { sum: number; weight: number; size: number }[] = [];
  row.forEach((item, index) => {
    const weight = [...item.up, ...item.down].reduce((sum, other) => sum + pull(item, other), 1);
    let block = { sum: ((wanted[index] ?? 0) - (offsets[index] ?? 0)) * weight, weight, size: 1 };
    for (
      let last = blocks.at(-1);
      last && last.sum / last.weight > block.sum / block.weight;
      last = blocks.at(-1)
    ) {
      block = { sum: block.sum + last.sum, weight: block.weight + last.weight, size: block.size + last.size };
      blocks.pop();
    }
    blocks.push(block);
  });
  const means = blocks.flatMap(({ sum, weight, size }) => Array<number>(size).fill(sum / weight));
  row.forEach((item, index) => (item.x = (means[index] ?? 0) + (offsets[index] ?? 0)));
}

function draw(
  groups: readonly GroupManifest[],
  assets: ReadonlyMap<AssetKey, AssetManifest>,
  table: readonly Item[][],
  rows: ReadonlyMap<AssetKey, number>,
) {
  const tops: number[] = [];
  const groupIn = (row: readonly Item[]) => row.find((item) => item.card)?.group;
  table.forEach((row, index) => {
    const previous = table[index - 1];
    if (!previous) return tops.push(HEADER);
    const step = groupIn(previous) === groupIn(row) ? BETWEEN_ROWS : PADDING + BETWEEN_GROUPS + HEADER;
    return tops.push((tops[index - 1] ?? 0) + CARD.height + step);
  });
  const top = (row: number) => tops[row] ?? 0;
  const boxes = groups.map((group) => {
    const cards = table.flat().filter((item) => item.card && item.group === group.name);
    const spans = cards.map((item) => rows.get(item.source) ?? 0);
    const x = Math.min(...cards.map((item) => item.x)) - CARD.width / 2 - PADDING;
    const title = x + 3 * PADDING + 8.4 * group.name.length + 7.3 * group.root.length;
    const right = Math.max(title, ...cards.map((item) => item.x + CARD.width / 2 + PADDING));
    const y = top(Math.min(...spans)) - HEADER;
    return {
      x,
      y,
      width: Math.ceil(right - x),
      height: top(Math.max(...spans)) + CARD.height + PADDING - y,
      group,
    };
  });
  const lanes = table.flatMap((row, index) =>
    row.filter((item) => !item.card).map(({ x }) => ({ x, y: top(index), width: 0, height: CARD.height })),
  );
  const left = Math.min(...boxes.map((box) => box.x), ...lanes.map((lane) => lane.x));
  const edges = (dx: number) =>
    table.flat().map((item) => {
      const [x, y] = [item.x + dx, top(item.row) + CARD.height];
      const lane = item.card ? '' : `M${x} ${y - CARD.height}V${y}`;
      const curves = item.down.map((below) => {
        const [x2, y2] = [below.x + dx, top(below.row)];
        const middle = (y + y2) / 2;
        return `M${x} ${y}C${x} ${middle} ${x2} ${middle} ${x2} ${y2}`;
      });
      return lane + curves.join('');
    });
  return {
    blocks: [...boxes, ...lanes].map((box) => ({ ...box, x: box.x - left })),
    at: (shift: number) => {
      const dx = shift - left;
      return {
        groups: boxes.map((box) => ({ ...box, x: box.x + dx })),
        cards: table.flat().flatMap((item) => {
          const asset = assets.get(item.source);
          if (!item.card || !asset) return [];
          const name = asset.key.slice(asset.key.indexOf('/') + 1);
          return [{ x: item.x + dx - CARD.width / 2, y: top(item.row), asset, name }];
        }),
        edges: edges(dx).filter((path) => path !== ''),
      };
    },
  };
}
