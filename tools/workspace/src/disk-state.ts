import { join } from 'node:path';
import type { AssetKey, AssetManifest, Graph } from '@nx-assets/core';
import type { RunConfig } from '@nx-assets/core/config';
import { lastObservation, type Partitioning, type StateReader } from '@nx-assets/engine';
import {
  HashCache,
  readRecord,
  readRecordAt,
  RecordIndex,
  recordPath,
  type RecordReading,
  type ValueSummary,
} from '@nx-assets/storage/records';
import { cacheFolder, currentEpoch, taskHashes } from './nx-cache.ts';
import type { RunContext } from './run-context.ts';

/** A look at what is on disk. */
export interface DiskWorld extends StateReader {
  /** What partitions hold together. */
  sum(key: AssetKey, partitions: readonly string[]): ValueSummary;
  /** Reads records anew from now on: something may have written some. */
  forget(): void;
  /** Keeps what was learned of files for the next look. */
  save(): void;
}

/** What is on disk and in Nx's cache, each file looked at once. */
export function worldOf(
  context: Pick<RunContext, 'root' | 'env'>,
  graph: Graph<AssetManifest>,
  partitioning: Partitioning,
  runConfig: RunConfig,
): DiskWorld {
  const { root, env } = context;
  const cache = cacheFolder(context);
  const hashOf = taskHashes(context, currentEpoch(context));
  const hashes = new HashCache(root);
  const readings = new Map<AssetKey, RecordReading>();
  const indexes = new Map<AssetKey, RecordIndex>();
  const indexOf = (key: AssetKey): RecordIndex => {
    const known = indexes.get(key) ?? new RecordIndex(root, graph.nodes.get(key) as AssetManifest);
    indexes.set(key, known);
    return known;
  };
  return {
    now: new Date(partitioning.now),
    env,
    runConfig,
    partitioning,
    reading: (key, partition) => {
      if (partition !== null) return indexOf(key).reading(partition);
      const known = readings.get(key) ?? readRecord(root, key);
      readings.set(key, known);
      return known;
    },
    lastObservation: (manifest) => lastObservation(root, manifest),
    bytesOnDisk: (key, partition, record) =>
      partition === null ? hashes.hash(record.value.path) : indexOf(key).bytesOnDisk(partition),
    // Nx keeps the outputs of a task in a folder that is called like its hash.
    cachedReading: (key, partition, actionKey) =>
      readRecordAt(join(cache, hashOf(actionKey), recordPath(key, partition)), key, partition),
    sum: (key, partitions) => indexOf(key).sum(partitions),
    forget: () => {
      readings.clear();
      indexes.clear();
    },
    save: () => {
      hashes.save();
      for (const index of indexes.values()) index.save();
    },
  };
}
