import { type AnyAsset, AssetError, type AssetManifest, type CheckResult } from '@nx-assets/core';
import { openValue } from '@nx-assets/storage';
import { absolute, type AssetRecord, hashFile, readRecord } from '@nx-assets/storage/records';
import { audit } from './audit.ts';
import type { Workshop } from './step.ts';

/** Runs the checks of an asset over what is materialized. Throws `UPSTREAM_MISSING` where that is not there or was edited. */
export async function checkMaterialized(
  manifest: AssetManifest,
  definition: AnyAsset,
  workshop: Workshop,
): Promise<CheckResult[]> {
  const { root, duckdb, signal, now } = workshop;
  const record = recordOf(root, manifest);
  const connection = await duckdb.connect();
  const onAbort = () => connection.interrupt();
  signal.addEventListener('abort', onAbort);
  try {
    const inputs = Object.entries(manifest.deps).flatMap(([alias, key]) => {
      const reading = readRecord(root, key);
      return reading.status === 'found'
        ? [[alias, openValue(root, reading.record, connection)] as const]
        : [];
    });
    const { dataVersion, value } = record;
    return await audit({
      manifest,
      definition,
      path: absolute(root, value.path),
      written: { dataVersion, bytes: value.bytes, rowCount: value.rowCount, columns: value.columns },
      inputs: Object.fromEntries(inputs),
      connection,
      signal,
      now: now(),
      previous: record,
      rowCounts: async (runs) => (await workshop.rowCounts?.(manifest.key, runs)) ?? [],
    });
  } finally {
    signal.removeEventListener('abort', onAbort);
    connection.close();
  }
}

function recordOf(root: string, { key, output }: AssetManifest): AssetRecord {
  const reading = readRecord(root, key);
  if (reading.status !== 'found') throw new AssetError('UPSTREAM_MISSING', `${key} is not materialized.`);
  if (hashFile(absolute(root, output.path)) !== reading.record.dataVersion) {
    throw new AssetError('UPSTREAM_MISSING', `${output.path} is not what the record of ${key} says it is.`);
  }
  return reading.record;
}
