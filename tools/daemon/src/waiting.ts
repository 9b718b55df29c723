import { type AssetKey, partitionName } from '@nx-assets/core';
import { describeMissing, type PartitionKey } from '@nx-assets/engine';
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
    for (const [alias, dep] of Object.entries(manifest.deps)) {
      for (const part of partitioning.upstream(manifest, alias, partition) ?? [null]) {
        const wait = view.made(dep, part) === null ? waits(dep, part) : null;
        if (wait !== null) return wait;
      }
    }
    return null;
  };
  const waits = (key: AssetKey, partition: PartitionKey): string | null => {
    const name = partitionName(key, partition);
    const found = known.get(name);
    if (found !== undefined) return found;
    const wait = look(key, partition);
    known.set(name, wait);
    return wait;
  };
  return waits;
}
