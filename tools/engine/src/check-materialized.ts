import {
  type AnyAsset,
  AssetError,
  type AssetKey,
  type AssetManifest,
  type CheckResult,
} from '@nx-assets/core';
import { openValue } from '@nx-assets/storage';
import { absolute, type AssetRecord, hashFile, readRecord } from '@nx-assets/storage/records';
import { audit } from './audit.ts';
import type { Workshop } from './step.ts';

/**
 * Runs the checks of an asset over what is materialized: over its value, or over the asset that they are on. Throws
 * `UPSTREAM_MISSING` where that is not there or was edited.
 */
export async function checkMaterialized(
  manifest: AssetManifest,
  definition: AnyAsset,
  workshop: Workshop,
): Promise<CheckResult[]> {
  const { root, duckdb, signal, now } = workshop;
  const { key } = manifest;
  const subject = recordOf(root, manifest.checked ?? key);
  const own = readRecord(root, key);
  const connection = await duckdb.connect();
  const onAbort = () => connection.interrupt();
  signal.addEventListener('abort', onAbort);
  try {
    const inputs = Object.entries(manifest.deps).flatMap(([alias, dep]) => {
      const reading = readRecord(root, dep);
      return reading.status === 'found'
        ? [[alias, openValue(root, reading.record, connection)] as const]
        : [];
    });
    return await audit({
      manifest,
      definition,
      made: { value: openValue(root, subject, connection), columns: subject.value.columns },
      inputs: Object.fromEntries(inputs),
      connection,
      signal,
      now: now(),
      previous: own.status === 'found' ? own.record : null,
      passedBefore: async (check, runs) => (await workshop.passedBefore?.(key, check, runs)) ?? null,
    });
  } finally {
    signal.removeEventListener('abort', onAbort);
    connection.close();
  }
}

function recordOf(root: string, key: AssetKey): AssetRecord {
  const reading = readRecord(root, key);
  if (reading.status !== 'found') throw new AssetError('UPSTREAM_MISSING', `${key} is not materialized.`);
  const { value, dataVersion } = reading.record;
  if (hashFile(absolute(root, value.path)) !== dataVersion) {
    throw new AssetError('UPSTREAM_MISSING', `${value.path} is not what the record of ${key} says it is.`);
  }
  return reading.record;
}
