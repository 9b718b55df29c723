import type { CustomMapping, Mapping } from './mapping-spec.ts';
import type { PartitionSet, Window } from './set.ts';
import { type PartitionSpec, sameSpec } from './spec.ts';

/** The mapping of a dep that says none; `null` where a definition has to say one. */
export function defaultMapping(own: PartitionSpec | null, dep: PartitionSpec): Mapping | null {
  if (own === null) return { kind: 'all' };
  if (sameSpec(own, dep)) return { kind: 'identity' };
  if (own.kind === 'time' && dep.kind === 'time') return { kind: 'windows' };
  const ownDimension = own.kind === 'product' && own.dimensions.find(({ spec }) => sameSpec(spec, dep));
  if (ownDimension) return { kind: 'own-dimension', name: ownDimension.name };
  const depDimension = dep.kind === 'product' && dep.dimensions.find(({ spec }) => sameSpec(spec, own));
  return depDimension ? { kind: 'dep-dimension', name: depDimension.name } : null;
}

/** Both sides of a mapping; `own` is `null` where the asset has no partitions. */
export interface Sides {
  readonly own: PartitionSet | null;
  readonly dep: PartitionSet;
  readonly custom: CustomMapping | null;
}

/** Keys of the dep that a partition is made from, in order; `null` stands for an asset without partitions. */
export function upstreamKeys(
  mapping: Mapping,
  { own, dep, custom }: Sides,
  key: string | null,
): readonly string[] {
  switch (mapping.kind) {
    case 'all':
      return dep.keys;
    case 'last':
      return dep.keys.slice(-1);
    case 'identity':
      return key !== null && dep.has(key) ? [key] : [];
    case 'windows':
      return dep.overlapping(windowOf(own, key));
    case 'trailing': {
      const ending = endOf(windowOf(own, key));
      const last = dep.indexOf(dep.overlapping(ending).at(-1) ?? '');
      // Windows that do not exist yet are counted, too.
      const ahead = last < 0 ? dep.countUntil(ending) : 0;
      if (last < 0 && ahead === 0) return [];
      const stop = last < 0 ? dep.keys.length : last + 1;
      return dep.keys.slice(Math.max(0, stop + ahead - mapping.count), stop);
    }
    case 'static':
      return (mapping.keys[key ?? ''] ?? []).filter((one) => dep.has(one));
    case 'own-dimension': {
      const part = own?.partsOf(key ?? '')?.[mapping.name];
      return part !== undefined && dep.has(part) ? [part] : [];
    }
    case 'dep-dimension':
      return dep.keys.filter((one) => dep.partsOf(one)?.[mapping.name] === key);
    case 'custom':
      return known(custom?.upstream(key ?? '') ?? [], dep);
  }
}

/** Keys that are made from a partition of the dep, in order; `[null]` for an asset without partitions. */
export function downstreamKeys(mapping: Mapping, sides: Sides, depKey: string): readonly (string | null)[] {
  const { own, dep, custom } = sides;
  if (!dep.has(depKey)) return [];
  if (own === null) return upstreamKeys(mapping, sides, null).includes(depKey) ? [null] : [];
  switch (mapping.kind) {
    case 'all':
      return own.keys;
    case 'last':
      return dep.keys.at(-1) === depKey ? own.keys : [];
    case 'identity':
      return own.has(depKey) ? [depKey] : [];
    case 'windows':
      return own.overlapping(windowOf(dep, depKey));
    case 'trailing': {
      const place = dep.indexOf(depKey);
      const { start } = windowOf(dep, depKey);
      const last = dep.keys[place + mapping.count - 1];
      const { end } = last === undefined ? ALWAYS : windowOf(dep, last);
      const near = own.overlapping({ start, end });
      return near.filter((key) => upstreamKeys(mapping, sides, key).includes(depKey));
    }
    case 'dep-dimension': {
      const part = dep.partsOf(depKey)?.[mapping.name];
      return part !== undefined && own.has(part) ? [part] : [];
    }
    case 'own-dimension':
      return own.keys.filter((key) => own.partsOf(key)?.[mapping.name] === depKey);
    case 'custom':
      if (custom?.downstream) return known(custom.downstream(depKey), own);
      return own.keys.filter((key) => upstreamKeys(mapping, sides, key).includes(depKey));
    case 'static':
      return own.keys.filter((key) => mapping.keys[key]?.includes(depKey));
  }
}

const known = (keys: readonly string[], set: PartitionSet): readonly string[] => {
  const wanted = new Set(keys);
  return set.keys.filter((key) => wanted.has(key));
};

/** The last moment of a window. */
export const endOf = ({ start, end }: Window): Window =>
  start < end ? { start: new Date(end.getTime() - 1), end } : NO_TIME;

const ALWAYS: Window = { start: new Date(-8.64e15), end: new Date(8.64e15) };
const NO_TIME: Window = { start: new Date(0), end: new Date(0) };

export const windowOf = (set: PartitionSet | null, key: string | null): Window =>
  set?.windowOf(key ?? '') ?? NO_TIME;
