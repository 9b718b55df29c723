import { type AnyAsset, AssetError, type AssetKey } from '@nx-assets/core';
import { defaultMapping, type Mapping, type PartitionSpec } from '@nx-assets/core/partitions';
import { suggest } from '@nx-assets/core/selection';

/** For each dep with partitions, which of them a partition is made from. Throws `PARTITION_MAPPING_MISSING`. */
export function mappingsOf(
  { key, definition }: { readonly key: AssetKey; readonly definition: AnyAsset },
  deps: Readonly<Record<string, AssetKey>>,
): Record<string, Mapping> {
  const own = definition.partitions?.spec ?? null;
  return Object.fromEntries(
    Object.entries(definition.deps).flatMap(([alias, dep]) => {
      if (!dep.partitions) return [];
      const mapping = dep.mapped?.mapping ?? defaultMapping(own, dep.partitions.spec);
      if (mapping) {
        checkNames(key, mapping, own, dep.partitions.spec);
        return [[alias, dep.mapped?.mayBeMissing ? { ...mapping, mayBeMissing: true } : mapping] as const];
      }
      const facts = `${key} and ${deps[alias] ?? alias} are cut into partitions that have nothing in common.`;
      throw new AssetError('PARTITION_MAPPING_MISSING', facts);
    }),
  );
}

/**
 * A key that is written wrong would be left out in silence, and its data with it. Throws `PARTITION_UNKNOWN`, and
 * `ASSET_OPTION_INVALID` for windows of what has none.
 */
function checkNames(key: AssetKey, mapping: Mapping, own: PartitionSpec | null, dep: PartitionSpec): void {
  if (mapping.kind === 'trailing' && !(isTimed(own) && isTimed(dep))) {
    const whose = isTimed(dep) ? 'The asset itself' : 'Its dep';
    throw new AssetError(
      'ASSET_OPTION_INVALID',
      `trailing() of ${key} counts windows of time. ${whose} has none.`,
    );
  }
  if (mapping.kind !== 'static') return;
  const sides = [
    [own, Object.keys(mapping.keys), 'its own partitions'],
    [dep, Object.values(mapping.keys).flat(), 'the partitions of its dep'],
  ] as const;
  for (const [spec, named, whose] of sides) {
    // Keys of other kinds come and go.
    if (spec?.kind !== 'static') continue;
    const known = new Set(spec.keys);
    const unknown = named.find((one) => !known.has(one));
    if (unknown === undefined) continue;
    const meant = suggest(unknown, known);
    const facts = `mapPartitions() of ${key} names "${unknown}", which is none of ${whose}${meant === null ? '' : ` (did you mean ${meant}?)`}.`;
    throw new AssetError('PARTITION_UNKNOWN', facts, {
      remedy: `There are ${spec.keys.slice(0, 10).join(', ')}${spec.keys.length > 10 ? ', …' : ''}.`,
    });
  }
}

const isTimed = (spec: PartitionSpec | null): boolean =>
  spec?.kind === 'time' ||
  (spec?.kind === 'product' && spec.dimensions.some((one) => one.spec.kind === 'time'));
