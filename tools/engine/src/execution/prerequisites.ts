import { type Partitioning, readsOf } from '../partitioning.ts';
import { type AssetPartition, partitionId } from './asset-partition.ts';

/** The ids of everything that a value is made from or waits for. */
export function prerequisiteIds(
  { manifest, partition }: AssetPartition,
  partitioning: Partitioning,
): readonly string[] {
  const blockingChecks = manifest.blockingChecks.map((gate) => partitionId(gate, null));
  const deps = readsOf(manifest).flatMap(([alias, dep]) => {
    const read = partitioning.upstream(manifest, alias, partition);
    return read === null ? [partitionId(dep, null)] : read.map((one) => partitionId(dep, one));
  });
  return [...new Set([...deps, ...blockingChecks])];
}
