import {
  type AnyAsset,
  AssetError,
  type AssetKey,
  type AssetManifest,
  CHECKED,
  type CheckResult,
} from '@nx-assets/core';
import { openInput, openValue, type StepInput } from '@nx-assets/storage';
import {
  type AssetRecord,
  readRecord,
  requireIntact,
  versionForDependents,
} from '@nx-assets/storage/records';
import { audit } from './audit.ts';
import { inputsOf, toStepInputs } from '../inputs.ts';
import type { Partitioning, PartitionKey } from '../partitioning.ts';
import type { StepEnvironment } from './step-environment.ts';

/**
 * Runs the checks of an asset over what is materialized: over its value, or over the asset that they are on. Throws
 * `UPSTREAM_MISSING` where that is not there or was edited.
 */
export async function checkMaterialized(
  manifest: AssetManifest,
  partition: PartitionKey,
  definition: AnyAsset,
  environment: StepEnvironment,
  partitioning: Partitioning,
): Promise<CheckResult[]> {
  const { root, store, duckdb, signal, now } = environment;
  const { key, checked } = manifest;
  const recordOf = (asset: AssetKey, part: PartitionKey) => {
    const reading = readRecord(root, asset, part);
    return reading.status === 'found' ? reading.record : null;
  };
  const read = inputsOf(manifest, partition, partitioning, (dep, part) => {
    const record = recordOf(dep, part);
    return record && versionForDependents(record);
  });
  const inputs = toStepInputs(read, partitioning, recordOf);
  const own = recordOf(key, partition);
  for (const record of subjectOf(checked ?? key, checked ? inputs[CHECKED] : own))
    await requireIntact(store, record);
  const connection = await duckdb.connect();
  const onAbort = () => connection.interrupt();
  signal.addEventListener('abort', onAbort);
  try {
    const open = async ([alias, input]: readonly [string, StepInput]) =>
      [alias, await openInput(store, input, connection)] as const;
    return await audit({
      manifest,
      definition,
      made:
        own && !checked
          ? { value: await openValue(store, own, connection), columns: own.value.columns }
          : null,
      inputs: Object.fromEntries(await Promise.all(Object.entries(inputs).map(open))),
      connection,
      signal,
      now: now(),
      previous: own,
      passedBefore: async (check, runs) => (await environment.passedBefore?.(key, check, runs)) ?? null,
    });
  } finally {
    signal.removeEventListener('abort', onAbort);
    connection.close();
  }
}

function subjectOf(
  key: AssetKey,
  subject: StepInput | AssetRecord | null | undefined,
): readonly AssetRecord[] {
  if (!subject) throw new AssetError('UPSTREAM_MISSING', `${key} is not materialized.`);
  return 'records' in subject ? subject.records : [subject];
}
