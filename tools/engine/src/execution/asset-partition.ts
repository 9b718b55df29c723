import type { AssetKey, AssetManifest } from '@nx-assets/core';
import { hashText } from '@nx-assets/storage/records';
import type { PartitionKey } from '../partitioning.ts';

/** One value: an asset, or a partition of one. */
export interface AssetPartition {
  readonly manifest: AssetManifest;
  readonly partition: PartitionKey;
  /** Nobody asked for it: it is made because the function of another one makes it too. */
  readonly coProduct?: boolean;
}

/** Neither keys nor the end of a key have a space. */
export const partitionId = (key: AssetKey, partition: PartitionKey): string =>
  partition === null ? key : `${key} ${partition}`;

export const idOf = ({ manifest, partition }: AssetPartition): string => partitionId(manifest.key, partition);

/** The asset that an id is of. */
export const keyOfId = (id: string): AssetKey => id.split(' ')[0] as AssetKey;

/** Locks that the partitions of an asset share: a file for each of a hundred thousand would be too many. */
const LOCKS = 64;

/** The name of the lock under which a value is made. What one function makes has one lock. */
export function lockOf({ manifest: { key, siblings }, partition }: AssetPartition): string {
  const name = `asset ${siblings?.[0] ?? key}`;
  if (partition === null) return name;
  return `${name} ${Number.parseInt(hashText(partition).slice(0, 8), 16) % LOCKS}`;
}
