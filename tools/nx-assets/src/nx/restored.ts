import type { Task } from '@nx/devkit';
import type { AssetManifest } from '@nx-assets/core';
import { type HashCache, LocalValueStore, readRecord } from '@nx-assets/storage/records';
import { hasOwnHash, type TaskHashes } from '@nx-assets/workspace/nx-cache';

export interface RestoredTask {
  readonly root: string;
  readonly manifest: AssetManifest;
  /** The partition that the run is about, where that is one. */
  readonly part: string | null;
  readonly task: Task;
  /** Nx's word for how the task ended. */
  readonly status: string | undefined;
  readonly hashOf: TaskHashes;
  readonly hashes: HashCache;
}

/** What may be wrong with a restored value, as the end of a sentence. */
export const LOST = {
  missing: 'but files are missing there',
  other: 'but its data is not what its record says',
} as const;

/**
 * Whether what Nx says that it restored is there, and is what its record says: Nx itself believes its cache. What is not is
 * removed, so that nobody reads it; what somebody edited by hand stays.
 */
export async function verifyRestored(restored: RestoredTask): Promise<'intact' | keyof typeof LOST> {
  const { root, manifest, part, task, status = '', hashOf, hashes } = restored;
  const { partition } = task.overrides as { partition?: unknown };
  // Any other hash says of partitions that they are all there: nothing was restored.
  if (manifest.partitions && (part === null || !hasOwnHash(part, partition))) return 'intact';
  const reading = readRecord(root, manifest.key, part);
  if (reading.status !== 'found' || hashOf(reading.record.actionKey) !== task.hash) return 'missing';
  const { record } = reading;
  const hash = hashes.hash(record.value.path);
  if (hash === record.dataVersion) return 'intact';
  if (hash === null) return 'missing';
  if (cacheOf(status) !== 'output') await new LocalValueStore(root).remove(record);
  return 'other';
}

/** Nx's words for a task that it did not run: `local-cache`, `local-cache-kept-existing`, `remote-cache`. */
export const cacheOf = (status: string): 'output' | 'local' | 'remote' =>
  status.startsWith('remote') ? 'remote' : status.endsWith('kept-existing') ? 'output' : 'local';
