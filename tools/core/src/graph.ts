import { AssetError } from './diagnostics.ts';
import type { AssetKey } from './key.ts';

/** The part of an asset that the graph needs. */
export interface Node {
  readonly key: AssetKey;
  readonly deps: Readonly<Record<string, AssetKey>>;
  /** Checks that must have passed before it runs. */
  readonly blockingChecks?: readonly AssetKey[];
}

/** Everything that must have happened before an asset runs, each once. */
export const prerequisitesOf = ({ deps, blockingChecks = [] }: Omit<Node, 'key'>): AssetKey[] => [
  ...new Set([...Object.values(deps), ...blockingChecks]),
];

/** Assets and their edges, in an order where every asset comes after its deps and blocking checks. */
export interface Graph<N extends Node = Node> {
  readonly nodes: ReadonlyMap<AssetKey, N>;
  /** Keys, deps first; ties by name, so that the order is the same everywhere. */
  readonly order: readonly AssetKey[];
  upstream(key: AssetKey): ReadonlySet<AssetKey>;
  downstream(key: AssetKey): ReadonlySet<AssetKey>;
}

/** Throws `ASSET_CYCLE`, `ASSET_DUPLICATE` or `ASSET_DEP_NOT_EXPORTED`. */
export function buildGraph<N extends Node>(assets: Iterable<N>): Graph<N> {
  const nodes = new Map<AssetKey, N>();
  for (const node of assets) {
    if (nodes.has(node.key)) throw new AssetError('ASSET_DUPLICATE', `Two assets are called ${node.key}.`);
    nodes.set(node.key, node);
  }
  const parents = new Map<AssetKey, readonly AssetKey[]>();
  const children = new Map<AssetKey, AssetKey[]>();
  for (const node of nodes.values()) {
    const deps = prerequisitesOf(node);
    parents.set(node.key, deps);
    for (const dep of deps) {
      if (!nodes.has(dep)) {
        throw new AssetError(
          'ASSET_DEP_NOT_EXPORTED',
          `${node.key} depends on ${dep}, which no group exports.`,
        );
      }
      const list = children.get(dep) ?? [];
      list.push(node.key);
      children.set(dep, list);
    }
  }
  return {
    nodes,
    order: sort(parents, children),
    upstream: (key) => reach(key, parents),
    downstream: (key) => reach(key, children),
  };
}

function sort(
  parents: ReadonlyMap<AssetKey, readonly AssetKey[]>,
  children: ReadonlyMap<AssetKey, readonly AssetKey[]>,
): AssetKey[] {
  const waiting = new Map([...parents].map(([key, deps]) => [key, deps.length]));
  let level = [...waiting].filter(([, count]) => count === 0).map(([key]) => key);
  const order: AssetKey[] = [];
  while (level.length > 0) {
    order.push(...level.sort());
    const next: AssetKey[] = [];
    for (const key of level) {
      for (const child of children.get(key) ?? []) {
        const left = (waiting.get(child) ?? 0) - 1;
        waiting.set(child, left);
        if (left === 0) next.push(child);
      }
    }
    level = next;
  }
  if (order.length < parents.size) throw cycleError(parents, new Set(order));
  return order;
}

function cycleError(
  parents: ReadonlyMap<AssetKey, readonly AssetKey[]>,
  sorted: ReadonlySet<AssetKey>,
): AssetError {
  const inCycle = (key: AssetKey) => (parents.get(key) ?? []).find((dep) => !sorted.has(dep));
  const start = [...parents.keys()].filter((key) => !sorted.has(key)).sort()[0];
  const path: AssetKey[] = [];
  for (let key = start; key && !path.includes(key); key = inCycle(key)) path.push(key);
  const entry = path.indexOf(inCycle(path.at(-1) as AssetKey) as AssetKey);
  const cycle = path.slice(entry).reverse();
  return new AssetError('ASSET_CYCLE', `${[...cycle, cycle[0]].join(' → ')}.`);
}

function reach(from: AssetKey, edges: ReadonlyMap<AssetKey, readonly AssetKey[]>): ReadonlySet<AssetKey> {
  const found = new Set<AssetKey>();
  const stack = [...(edges.get(from) ?? [])];
  for (let key = stack.pop(); key; key = stack.pop()) {
    if (found.has(key)) continue;
    found.add(key);
    stack.push(...(edges.get(key) ?? []));
  }
  return found;
}
