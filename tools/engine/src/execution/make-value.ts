import { CHECKED, type CheckResult, type Json, partitionName } from '@nx-assets/core';
import { sweepTemporaries, writeValue } from '@nx-assets/storage';
import {
  absolute,
  type AssetRecord,
  type InputRecord,
  RECORD_VERSION,
  recordPath,
  valuePath,
} from '@nx-assets/storage/records';
import { Redactor } from '../redact.ts';
import { type Audit, audit, enforce, valueAt } from './audit.ts';
import type { Made } from './publish.ts';
import type { StepPart } from './step-environment.ts';
import type { StepScope } from './step-scope.ts';

/** Checks and writes the value of one part beside its place, and what there is to say of it. */
export async function makeValue(
  scope: StepScope,
  part: StepPart,
  result: unknown,
  target: string,
): Promise<Made> {
  const { order, environment, connection, scratch, metadata, startedAt } = scope;
  const { redactor = new Redactor() } = order;
  const { root, runId, signal } = environment;
  const { manifest, definition, partition, fingerprint } = part;
  const path = valuePath(manifest.key, manifest.output, partition);
  const place = absolute(root, path);
  sweepTemporaries(place);
  sweepTemporaries(absolute(root, recordPath(manifest.key, partition)));
  const isOnInput = definition.checked !== null;
  const where = {
    target,
    scratch,
    source: partitionName(manifest.key, partition),
    preview: manifest.preview,
    connection,
  };
  const value = await writeValue(definition.output, result, where);
  const checks = isOnInput
    ? (result as CheckResult[])
    : await checkPart(scope, part, {
        value: valueAt(manifest, target, value, connection),
        columns: value.columns,
      });
  enforce(manifest.checked ?? partitionName(manifest.key, partition), checks);
  const checkedColumns = isOnInput
    ? { columns: part.inputs[CHECKED]?.records[0]?.value.columns ?? null }
    : {};
  signal.throwIfAborted();
  const { dataVersion, bytes, columns, statistics, preview } = value;
  const rows = typeof metadata.rows === 'number' ? metadata.rows : null;
  const record: AssetRecord = {
    recordVersion: RECORD_VERSION,
    key: manifest.key,
    partition,
    runId,
    actionKey: part.actionKey,
    code: manifest.code,
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
    value: { type: manifest.output.type, path, bytes, rowCount: value.rowCount ?? rows, columns },
    statistics: redactor.data(statistics),
    checks: redactor.checks(checks),
    metadata: redactor.data({ ...metadata, ...checkedColumns } as Record<string, Json>),
    preview: redactor.data(preview),
    startedAt,
    finishedAt: environment.now().toISOString(),
    engine: environment.versions,
  };
  return { target, place, record };
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
