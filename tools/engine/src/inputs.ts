import type { AssetKey, AssetManifest, DataVersion } from '@nx-assets/core';
import type { StepInput } from '@nx-assets/storage';
import { type AssetRecord, hashText } from '@nx-assets/storage/records';
import { type Partitioning, type PartitionKey, readsOf } from './partitioning.ts';

/** The data of a dep that a step would read. */
export interface Input {
  readonly key: AssetKey;
  /** `null` where a part of it is not there. */
  readonly dataVersion: DataVersion | null;
  /** Of a dep with partitions: the data version of each that is read. */
  readonly partitions?: Readonly<Record<string, DataVersion | null>> | undefined;
  /** Whether it is the partition before, of the asset itself: read as it is, and absent of the first one. */
  readonly isPrevious?: boolean;
}

/** The inputs of a step by alias. */
export function inputsOf(
  manifest: AssetManifest,
  partition: PartitionKey,
  partitioning: Partitioning,
  dataVersionOf: (key: AssetKey, partition: PartitionKey) => DataVersion | null,
): Record<string, Input> {
  return Object.fromEntries(
    readsOf(manifest).map(([alias, key]) => {
      const read = partitioning.upstream(manifest, alias, partition);
      if (read === null) return [alias, { key, dataVersion: dataVersionOf(key, null) }];
      const partitions = Object.fromEntries(read.map((one) => [one, dataVersionOf(key, one)]));
      for (const one of partitioning.missing(manifest, alias, partition)) partitions[one] = null;
      const isPrevious = alias === manifest.previous;
      return [
        alias,
        { key, dataVersion: versionOf(partitions), partitions, ...(isPrevious ? { isPrevious } : {}) },
      ];
    }),
  );
}

/** Inputs as a step opens them. `recordOf` has been asked for each of them before, and gave one. */
export function toStepInputs(
  read: Readonly<Record<string, Input>>,
  partitioning: Partitioning,
  recordOf: (key: AssetKey, partition: PartitionKey) => AssetRecord | null,
): Record<string, StepInput> {
  return Object.fromEntries(
    Object.entries(read).flatMap(([alias, { key, dataVersion, partitions, isPrevious = false }]) => {
      if (dataVersion === null) return [];
      const parts: readonly PartitionKey[] = partitions ? Object.keys(partitions) : [null];
      const partitioned = (partitions && partitioning.manifest(key)?.output) ?? null;
      const records = parts.flatMap((one) => recordOf(key, one) ?? []);
      return [[alias, { key, dataVersion, partitioned, records, isPrevious }]];
    }),
  );
}

/** The data version of several partitions. */
function versionOf(partitions: Readonly<Record<string, DataVersion | null>>): DataVersion | null {
  const versions = Object.entries(partitions);
  return versions.every(([, version]) => version !== null)
    ? (hashText(JSON.stringify(versions)) as DataVersion)
    : null;
}
