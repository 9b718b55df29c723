import type { Task } from '@nx/devkit';
import type { AssetManifest } from '@nx-assets/core';
import {
  absolute,
  type HashCache,
  hashFile,
  isLink,
  LocalValueStore,
  readRecord,
  valuePath,
} from '@nx-assets/storage/records';
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

/** What a result under some hash has to be. */
export interface ExpectedResult {
  readonly manifest: AssetManifest;
  readonly part: string | null;
  readonly hashOf: TaskHashes;
}

/** The same for a result that another machine left in a remote cache, before it gets into any place where it is read. */
export function verifyEntry(
  folder: string,
  hash: string,
  expected: ExpectedResult,
): 'intact' | keyof typeof LOST {
  const { manifest, part, hashOf } = expected;
  const reading = readRecord(folder, manifest.key, part);
  if (reading.status === 'missing') return 'missing';
  if (reading.status !== 'found' || hashOf(reading.record.actionKey) !== hash) return 'other';
  const { record } = reading;
  const path = valuePath(manifest.key, manifest.output, part);
  const file = absolute(folder, path);
  const isValue = record.value.path === path && !isLink(file) && hashFile(file) === record.dataVersion;
  return isValue ? 'intact' : 'other';
}

/** Nx's words for a task that it did not run: `local-cache`, `local-cache-kept-existing`, `remote-cache`. */
export const cacheOf = (status: string): 'output' | 'local' | 'remote' =>
  status.startsWith('remote') ? 'remote' : status.endsWith('kept-existing') ? 'output' : 'local';
