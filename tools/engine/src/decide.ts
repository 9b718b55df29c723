import { type AssetManifest, type CodeManifest, freshnessAt } from '@nx-assets/core';
import type { AssetRecord, InputRecord, RecordReading } from '@nx-assets/storage/records';
import type { Fingerprint } from './fingerprint.ts';
import type { Input } from './inputs.ts';
import { NAMED, type Reason } from './reason.ts';

/** What is known of an asset before its step. */
export interface StepState {
  readonly manifest: AssetManifest;
  readonly reading: RecordReading;
  readonly fingerprint: Fingerprint;
  readonly force: boolean;
  readonly refresh: boolean;
  /** The hash of the bytes on disk; `null` where there is no file. Asked only when all else is as it was. */
  bytesOnDisk(record: AssetRecord): string | null;
}

export type Decision =
  | { readonly action: 'run'; readonly reasons: readonly Reason[] }
  | { readonly action: 'keep'; readonly record: AssetRecord; readonly reasons: readonly Reason[] };

const MISSING: readonly Reason[] = [{ kind: 'missing' }];
const FORCED: readonly Reason[] = [{ kind: 'forced' }];
const UNCHANGED: readonly Reason[] = [{ kind: 'unchanged' }];

/** Whether a step must run, and every reason why. Pure but for the question about the bytes. */
export function decide(state: StepState): Decision {
  const { reading } = state;
  const run = (reasons: readonly Reason[]): Decision => ({ action: 'run', reasons });

  if (reading.status === 'missing') return run(MISSING);
  if (reading.status === 'unreadable') return run([{ kind: 'record-unreadable', problem: reading.problem }]);
  const { record } = reading;
  if (state.force) return run(FORCED);
  if (record.actionKey !== state.fingerprint.actionKey()) return run(differences(state, record));
  const bytes = state.bytesOnDisk(record);
  if (bytes === null) return run([{ kind: 'value-missing', path: record.value.path }]);
  if (bytes !== record.dataVersion) return run([{ kind: 'value-edited', path: record.value.path }]);
  return { action: 'keep', record, reasons: UNCHANGED };
}

/** Everything in which the inputs differ from those of the record. */
function differences(state: StepState, record: AssetRecord): Reason[] {
  const { manifest, fingerprint, refresh } = state;
  const inputs = fingerprint.inputs();
  const reasons: Reason[] = [];
  const { observedAt } = inputs;
  if (observedAt !== record.observedAt && observedAt !== null) {
    const { observedAt: was } = record;
    const { freshness } = manifest;
    const isDue =
      freshness && was && freshnessAt(freshness, Date.parse(was), Date.parse(observedAt)) !== 'fresh';
    // Fresh data that is asked for again all the same: a refresh failed, and still has to be made.
    reasons.push(
      refresh || !isDue ? { kind: 'refresh-asked' } : { kind: 'too-old', observedAt: was, freshness },
    );
  }
  reasons.push(...codeDifferences(manifest.code, record.code));
  const names = changed(inputs.env, record.env);
  if (names.length > 0) reasons.push({ kind: 'env-changed', names });
  // What nothing configures any more has another definition.
  const fields = inputs.config ? changed(inputs.config.fields, record.config?.fields ?? {}) : [];
  if (fields.length > 0) reasons.push({ kind: 'config-changed', fields });
  for (const [alias, input] of Object.entries(inputs.inputs)) {
    const { key, dataVersion } = input;
    const was = record.inputs[alias];
    if (was?.key !== key || was.dataVersion !== dataVersion) {
      const partitions = changedPartitions(input, was);
      reasons.push({
        kind: 'upstream-changed',
        key,
        was: was?.dataVersion ?? null,
        now: dataVersion,
        ...(partitions.length > 0 ? { partitions: partitions.slice(0, NAMED) } : {}),
        ...(partitions.length > NAMED ? { partitionCount: partitions.length } : {}),
      });
    }
  }
  if (reasons.length > 0) return reasons;
  return [{ kind: inputs.partition ? 'partition-changed' : 'definition-changed' }];
}

function changedPartitions({ partitions }: Input, was: InputRecord | undefined): readonly string[] {
  if (!partitions || !was?.partitions) return [];
  return changed(partitions, was.partitions);
}

function codeDifferences(now: CodeManifest, was: CodeManifest): Reason[] {
  if (now.version === was.version) return [];
  const files = changed(now.files, was.files ?? {});
  const packages = changed(now.packages, was.packages ?? {});
  const reads = changed(now.reads ?? {}, was.reads ?? {});
  const reasons: Reason[] = [];
  if (files.length > 0) reasons.push({ kind: 'code-changed', files });
  if (reads.length > 0) {
    const fileCount = reads.length > NAMED ? { fileCount: reads.length } : {};
    reasons.push({ kind: 'file-changed', files: reads.slice(0, NAMED), ...fileCount });
  }
  if (packages.length > 0) reasons.push({ kind: 'package-changed', packages });
  if (now.runtime !== was.runtime) reasons.push({ kind: 'framework-changed' });
  if (now.definition !== was.definition && reasons.length === 0) reasons.push({ kind: 'definition-changed' });
  return reasons;
}

function changed(now: Readonly<Record<string, unknown>>, was: Readonly<Record<string, unknown>>): string[] {
  return [...new Set([...Object.keys(now), ...Object.keys(was)])]
    .filter((name) => now[name] !== was[name])
    .sort();
}
