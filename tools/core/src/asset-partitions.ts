import type { Backfill, Output } from './asset-model.ts';
import { PARTITION_IN_PATH } from './partition-name.ts';
import { AssetError } from './diagnostics.ts';
import type { FreshnessPolicy } from './freshness.ts';
import type { Partitions } from './partitions/partitions.ts';

export interface PartitionOptions {
  readonly partitions?: Partitions | undefined;
  readonly backfill?: string;
  readonly partitionColumn?: string;
  readonly freshness?: FreshnessPolicy;
}

export function checkPartitions({ partitions, freshness }: PartitionOptions, output: Output): void {
  const hasPlace = output.type === 'file' && output.path.includes(PARTITION_IN_PATH);
  const problem =
    partitions && freshness
      ? 'A partition is about a time that has passed: it cannot get too old.'
      : partitions && output.type === 'file' && !hasPlace
        ? `The path of a file with partitions has to say where the key goes: put ${PARTITION_IN_PATH} into it.`
        : !partitions && hasPlace
          ? `${PARTITION_IN_PATH} is for files with partitions.`
          : null;
  if (problem !== null) throw new AssetError('ASSET_OPTION_INVALID', problem);
}

export function backfillOf(
  { partitions, backfill, partitionColumn: column }: PartitionOptions,
  output: Output,
): Backfill | null {
  if (backfill !== 'single-run') return null;
  const has = output.type === 'table' && column !== undefined && Object.hasOwn(output.schema.shape, column);
  if (has && partitions) return { column };
  throw new AssetError(
    'ASSET_OPTION_INVALID',
    'A backfill in a single run is for tables with partitions, and needs a `partitionColumn` of the schema.',
  );
}
