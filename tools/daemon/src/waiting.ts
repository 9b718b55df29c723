import { type AssetKey, partitionName } from '@nx-assets/core';
import { describeMissing, type PartitionKey, readsOf } from '@nx-assets/engine';
import type { View } from './view.ts';

/**
 * Tells what a partition cannot be made without and has to wait for: partitions that do not exist (yet), of what it is made
 * from, or of what its run would have to make first. `null` where nothing is.
 */
export function waitsFor(view: View): (key: AssetKey, partition: PartitionKey) => string | null {
  const { partitioning } = view;
  const known = new Map<string, string | null>();
  const look = (key: AssetKey, partition: PartitionKey): string | null => {
    const manifest = view.manifest(key);
    if (!manifest) return null;
    const [missing] = partitioning.missingOf(manifest, partition);
    if (missing) return describeMissing(missing);
    for (const [alias, dep] of readsOf(manifest)) {
      for (const part of partitioning.upstream(manifest, alias, partition) ?? [null]) {
        const wait = view.made(dep, part) === null ? waits(dep, part) : null;
        if (wait !== null) return wait;
      }
    }
    return null;
  };
  /** Partitions that one is made from, one after the other: too many to go from each to the one before. */
  const unknownBefore = (key: AssetKey, partition: PartitionKey): PartitionKey[] => {
    const manifest = view.manifest(key);
    const found: PartitionKey[] = [];
    if (manifest?.previous === undefined) return found;
    for (let at: PartitionKey = partition; ;) {
      const [before] = partitioning.upstream(manifest, manifest.previous, at) ?? [];
      const isKnown = before === undefined || known.has(partitionName(key, before));
      if (isKnown || view.made(key, before) !== null) return found.reverse();
      found.push(before);
      at = before;
    }
  };
  const waits = (key: AssetKey, partition: PartitionKey): string | null => {
    const name = partitionName(key, partition);
    const found = known.get(name);
    if (found !== undefined) return found;
    for (const before of unknownBefore(key, partition))
      known.set(partitionName(key, before), look(key, before));
    const wait = look(key, partition);
    known.set(name, wait);
    return wait;
  };
  return waits;
}
