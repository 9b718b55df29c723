import { type AssetKey, groupOf, nameOf } from '../key.ts';
import { composed, hasWildcard, matcher } from './pattern.ts';
import type { SelectableAsset, SelectionAttribute, Term } from './selection.ts';

/** For each asset, by position, the positions of others. */
type Edges = readonly (readonly number[])[];

/** Assets by what selections ask for. An asset is its position here, and an index is made when it is first needed. */
export class Catalog {
  readonly assets: readonly SelectableAsset[];
  readonly #columns = new Map<SelectionAttribute, ReadonlyMap<string, readonly number[]>>();
  #parents: Edges | undefined;
  #children: Edges | undefined;

  constructor(assets: readonly SelectableAsset[]) {
    this.assets = assets;
  }

  /** The assets that have each value of an attribute. */
  column(attribute: SelectionAttribute): ReadonlyMap<string, readonly number[]> {
    const known = this.#columns.get(attribute);
    if (known) return known;
    const column = new Map<string, number[]>();
    for (const [position, asset] of this.assets.entries()) {
      for (const value of valuesOf(asset, attribute)) {
        const normal = composed(value);
        const positions = column.get(normal);
        if (positions) positions.push(position);
        else column.set(normal, [position]);
      }
    }
    this.#columns.set(attribute, column);
    return column;
  }

  /** The assets of a term. One that has two values which fit comes twice. */
  matches({ attribute, pattern }: Term): readonly number[] {
    const column = this.column(attribute);
    if (!hasWildcard(pattern)) return column.get(composed(pattern)) ?? [];
    const fits = matcher(pattern);
    return [...column].flatMap(([value, positions]) => (fits(value) ? positions : []));
  }

  /** The deps that are among the assets. */
  get parents(): Edges {
    if (this.#parents) return this.#parents;
    const positions = new Map<AssetKey, number>();
    for (const [position, { key }] of this.assets.entries()) positions.set(key, position);
    this.#parents = this.assets.map(({ deps }) => {
      const known: number[] = [];
      for (const dep of Object.values(deps)) {
        const position = positions.get(dep);
        if (position !== undefined) known.push(position);
      }
      return known;
    });
    return this.#parents;
  }

  get children(): Edges {
    if (this.#children) return this.#children;
    const children = this.assets.map((): number[] => []);
    for (const [child, parents] of this.parents.entries()) {
      for (const parent of parents) children[parent]?.push(child);
    }
    this.#children = children;
    return children;
  }
}

function valuesOf(asset: SelectableAsset, attribute: SelectionAttribute): readonly string[] {
  switch (attribute) {
    case 'name':
      return [nameOf(asset.key)];
    case 'key':
      return [asset.key];
    case 'group':
      return [groupOf(asset.key)];
    case 'kind':
      return [asset.kind];
    case 'tag':
      return asset.tags;
    case 'owner':
      return asset.owners;
    case 'status':
      return asset.status ?? [];
  }
}
