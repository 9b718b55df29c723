import { CHECKED, type CheckResult, type Json, partitionName } from '@nx-assets/core';
import { valueAt, writeValue } from '@nx-assets/storage';
import {
  type AssetRecord,
  type InputRecord,
  type Publication,
  RECORD_VERSION,
  type StagedValue,
  valuePath,
} from '@nx-assets/storage/records';
import { Redactor } from '../redact.ts';
import { type Audit, audit, enforce } from './audit.ts';
import type { StepPart } from './step-environment.ts';
import type { StepScope } from './step-scope.ts';

/** Checks and writes the staged value of one part, and what there is to say of it. */
export async function makeValue(
  scope: StepScope,
  part: StepPart,
  result: unknown,
  staged: StagedValue,
): Promise<Publication> {
  const { order, environment, connection, scratch, metadata, startedAt } = scope;
  const { redactor = new Redactor() } = order;
  const { runId, signal } = environment;
  const { manifest, definition, partition, fingerprint } = part;
  const isOnInput = definition.checked !== null;
  const where = {
    target: staged.path,
    scratch,
    source: partitionName(manifest.key, partition),
    preview: manifest.preview,
    connection,
  };
  const written = await writeValue(definition.output, result, where);
  const { dataVersion, bytes, columns, statistics, preview } = written;
  const rowCount = written.rowCount ?? (typeof metadata.rows === 'number' ? metadata.rows : null);
  const path = valuePath(manifest.key, manifest.output, partition);
  const value = { type: manifest.output.type, path, bytes, rowCount, columns };
  const checks = isOnInput
    ? (result as CheckResult[])
    : await checkPart(scope, part, {
        value: valueAt(staged.path, { key: manifest.key, dataVersion, value }, connection),
        columns,
      });
  enforce(manifest.checked ?? partitionName(manifest.key, partition), checks);
  const checkedColumns = isOnInput
    ? { columns: part.inputs[CHECKED]?.records[0]?.value.columns ?? null }
    : {};
  signal.throwIfAborted();
  // Of files that count in part the record keeps the part.
  const code = { ...manifest.code, whole: undefined };
  const record: AssetRecord = {
    recordVersion: RECORD_VERSION,
    key: manifest.key,
    partition,
    runId,
    actionKey: part.actionKey,
    code,
    inputs: Object.fromEntries(
      Object.entries(fingerprint.inputs).map(([alias, { key, dataVersion: version, partitions }]) => {
        const input = { key, dataVersion: version, ...(partitions ? { partitions } : {}) };
        return [alias, input as InputRecord];
      }),
    ),
    env: fingerprint.env,
    ...(fingerprint.config ? { config: redactor.data(fingerprint.config) } : {}),
    observedAt: fingerprint.observedAt,
    dataVersion,
    value,
    statistics: redactor.data(statistics),
    checks: redactor.checks(checks),
    metadata: redactor.data({ ...metadata, ...checkedColumns } as Record<string, Json>),
    preview: redactor.data(preview),
    startedAt,
    finishedAt: environment.now().toISOString(),
    engine: environment.versions,
  };
  return { staged, record };
}

/** Runs the checks over what was made, or over the input that they are on. */
export function checkPart(
  { environment, inputs, connection }: StepScope,
  part: StepPart,
  made: Audit['made'],
) {
  const { manifest, definition } = part;
  return audit({
    manifest,
    definition,
    made,
    inputs,
    connection,
    signal: environment.signal,
    now: environment.now(),
    previous: part.previous ?? null,
    passedBefore: async (name, runs) => (await environment.passedBefore?.(manifest.key, name, runs)) ?? null,
  });
}
