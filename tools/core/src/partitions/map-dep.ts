import type { AnyAsset } from '../asset-model.ts';
import { AssetError } from '../diagnostics.ts';
import type { CustomMapping, Mapping } from './mapping-spec.ts';

function mapped<A extends AnyAsset>(dep: A, mapping: Mapping, custom: CustomMapping | null = null): A {
  const { asset = dep, mayBeMissing = false } = dep.mapped ?? {};
  return Object.freeze({ ...dep, mapped: { asset, mapping, custom, mayBeMissing } });
}

/**
 * Of the partitions that a partition is made from, those that exist: one that does not exist (yet) is left out, where it
 * would otherwise be an error. Takes a dep as it is, or with a mapping.
 */
export function existingPartitions<A extends AnyAsset>(dep: A): A {
  const { asset = dep, mapping = null, custom = null } = dep.mapped ?? {};
  return Object.freeze({ ...dep, mapped: { asset, mapping, custom, mayBeMissing: true } });
}

/** Every partition of the dep that there is. */
export const allPartitions = <A extends AnyAsset>(dep: A): A => mapped(dep, { kind: 'all' });

/** The last partition of the dep. */
export const lastPartition = <A extends AnyAsset>(dep: A): A => mapped(dep, { kind: 'last' });

/** The windows of the dep that share some time with a window. It is the default where both are cut by time. */
export const sameTime = <A extends AnyAsset>(dep: A): A => mapped(dep, { kind: 'windows' });

/** The window of the dep that ends a window, and those before it: `count` in all, fewer where they begin. */
export function trailing<A extends AnyAsset>(dep: A, count: number): A {
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new AssetError('ASSET_OPTION_INVALID', `${count} is not a number of windows.`);
  }
  return mapped(dep, { kind: 'trailing', count });
}

/** Says for each own key from which keys of the dep it is made. */
export const mapPartitions = <A extends AnyAsset>(
  dep: A,
  keys: Readonly<Record<string, string | readonly string[]>>,
): A =>
  mapped(dep, {
    kind: 'static',
    keys: Object.fromEntries(
      Object.entries(keys).map(([key, from]) => [key, typeof from === 'string' ? [from] : from]),
    ),
  });

/** A mapping that no other says. */
export const customMapping = <A extends AnyAsset>(dep: A, custom: CustomMapping): A =>
  mapped(dep, { kind: 'custom' }, custom);
