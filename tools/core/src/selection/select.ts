import type { AssetKey } from '../key.ts';
import { Catalog } from './catalog.ts';
import type { Hops, SelectableAsset, Selection } from './selection.ts';

/** For each asset, by position, 1 if it is selected. */
type Mask = Uint8Array;

/** The keys of the assets that are selected, in the order of the assets. A dep that is not among them is ignored. */
export function select(selection: Selection, assets: readonly SelectableAsset[]): ReadonlySet<AssetKey> {
  const mask = evaluate(selection, new Catalog(assets));
  return new Set(assets.filter((_, position) => mask[position]).map(({ key }) => key));
}

function evaluate(selection: Selection, catalog: Catalog): Mask {
  switch (selection.type) {
    case 'term': {
      const mask = new Uint8Array(catalog.assets.length);
      for (const position of catalog.matches(selection)) mask[position] = 1;
      return mask;
    }
    case 'and':
      return combine(selection.operands, catalog, (one, other) => one & other);
    case 'or':
      return combine(selection.operands, catalog, (one, other) => one | other);
    case 'not':
      return evaluate(selection.operand, catalog).map((selected) => 1 - selected);
    case 'traverse': {
      const start = evaluate(selection.operand, catalog);
      // Both from the same start: what is upstream of something downstream is not meant.
      const mask = start.slice();
      if (selection.up !== 0) reach(start, mask, catalog.parents, selection.up);
      if (selection.down !== 0) reach(start, mask, catalog.children, selection.down);
      return mask;
    }
    case 'roots':
    case 'sinks': {
      const mask = evaluate(selection.operand, catalog);
      const edges = selection.type === 'roots' ? catalog.parents : catalog.children;
      return mask.map((selected, position) => (edges[position]?.some((end) => mask[end]) ? 0 : selected));
    }
  }
}

function combine(
  [first, ...rest]: readonly [Selection, ...Selection[]],
  catalog: Catalog,
  merge: (one: number, other: number) => number,
): Mask {
  const mask = evaluate(first, catalog);
  for (const operand of rest) {
    const other = evaluate(operand, catalog);
    for (let position = 0; position < mask.length; position++) {
      mask[position] = merge(mask[position] as number, other[position] as number);
    }
  }
  return mask;
}

/** Adds to a mask what is at most so many hops from the start: breadth first, so that each is met at its nearest. */
function reach(start: Mask, mask: Mask, edges: readonly (readonly number[])[], hops: Hops): void {
  const met = start.slice();
  let level = [...start.keys()].filter((position) => start[position]);
  for (let left = hops === 'all' ? Infinity : hops; left > 0 && level.length > 0; left--) {
    const next: number[] = [];
    for (const position of level) {
      for (const end of edges[position] as readonly number[]) {
        if (met[end]) continue;
        met[end] = 1;
        mask[end] = 1;
        next.push(end);
      }
    }
    level = next;
  }
}
