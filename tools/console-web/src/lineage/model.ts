import type { AssetView, WorkspaceView } from '@nx-assets/console/wire';
import type { Edge, Node } from '../layout/index.ts';

/** Above this many assets, groups are closed until somebody opens them. */
const MANY = 150;

export interface Wanted {
  /** Keys that a filter lets through. */
  readonly keys: ReadonlySet<string>;
  readonly around: string | undefined;
  /** How far around it; a text, as addresses have it. Default 1, `all` for everything that hangs together with it. */
  readonly hops: string | undefined;
  /** Names of closed groups with commas between; `-` for none. */
  readonly collapsed: string | undefined;
}

export interface Model {
  readonly nodes: readonly Node[];
  readonly edges: readonly Edge[];
  readonly assets: ReadonlyMap<string, AssetView>;
  readonly collapsed: ReadonlySet<string>;
}

/** How a closed group is called among nodes. No key has a colon. */
export const groupNode = (group: string): string => `group:${group}`;
export const groupOfNode = (id: string): string | null => (id.startsWith('group:') ? id.slice(6) : null);

export function collapsedIn(
  { assets, groups }: WorkspaceView,
  collapsed: string | undefined,
): ReadonlySet<string> {
  if (collapsed === undefined) return new Set(assets.length > MANY ? groups.map(({ name }) => name) : []);
  return new Set(collapsed === '-' ? [] : collapsed.split(','));
}

/** How far around; what is no number counts as one. */
const hopsIn = (text = '1'): number =>
  text === 'all' ? Infinity : /^\d{1,4}$/.test(text) ? Number(text) : 1;

/** What the picture shows. */
export function modelOf(workspace: WorkspaceView, wanted: Wanted): Model {
  const all = new Map(workspace.assets.map((asset) => [asset.key, asset]));
  const near =
    wanted.around === undefined
      ? null
      : reach(neighbours(workspace.assets), wanted.around, hopsIn(wanted.hops));
  const shown = workspace.assets.filter(({ key }) => wanted.keys.has(key) && (near?.has(key) ?? true));
  // Who asks for a neighbourhood wants to see it.
  const collapsed = near ? new Set<string>() : collapsedIn(workspace, wanted.collapsed);
  const idOf = ({ key, group }: AssetView) => (collapsed.has(group) ? groupNode(group) : key);
  const ids = new Map(shown.map((asset) => [asset.key, idOf(asset)]));
  const nodes = new Map(shown.map((asset) => [idOf(asset), { id: idOf(asset), group: asset.group }]));
  const edges = new Map<string, Edge>();
  for (const asset of shown) {
    const to = ids.get(asset.key) ?? '';
    for (const dep of [...asset.deps, ...asset.blockingChecks, ...(asset.checked ? [asset.checked] : [])]) {
      const from = ids.get(dep);
      if (from !== undefined && from !== to) edges.set(`${from} ${to}`, [from, to]);
    }
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()], assets: all, collapsed };
}

export interface Neighbours {
  readonly up: ReadonlyMap<string, readonly string[]>;
  readonly down: ReadonlyMap<string, readonly string[]>;
}

export function neighbours(assets: readonly AssetView[]): Neighbours {
  const [up, down] = [new Map<string, string[]>(), new Map<string, string[]>()];
  for (const { key, deps, blockingChecks, checked } of assets) {
    const before = [...deps, ...blockingChecks, ...(checked ? [checked] : [])];
    up.set(key, before);
    for (const dep of before) down.set(dep, [...(down.get(dep) ?? []), key]);
  }
  return { up, down };
}

/** What is so few steps up or down from a key, itself included. */
export function reach({ up, down }: Neighbours, key: string, hops: number): Set<string> {
  const found = new Set([key]);
  for (const edges of [up, down]) {
    let edge = [key];
    for (let hop = 0; hop < hops && edge.length > 0; hop++) {
      edge = [...new Set(edge.flatMap((one) => edges.get(one) ?? []))].filter(
        (one) => !found.has(one) || hop === 0,
      );
      const before = found.size;
      for (const one of edge) found.add(one);
      if (found.size === before) break;
    }
  }
  return found;
}

/** Everything that lies on a way from one asset to another, whichever comes first; nothing where there is none. */
export function between(all: Neighbours, one: string, other: string): Set<string> {
  const walk = (edges: ReadonlyMap<string, readonly string[]>, from: string) => {
    const found = new Set([from]);
    for (const key of found) for (const next of edges.get(key) ?? []) found.add(next);
    return found;
  };
  const ways = (from: string, to: string) => {
    const [below, above] = [walk(all.down, from), walk(all.up, to)];
    return new Set(below.has(to) ? [...below].filter((key) => above.has(key)) : []);
  };
  const forth = ways(one, other);
  return forth.size > 0 ? forth : ways(other, one);
}
