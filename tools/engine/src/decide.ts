import { type AssetManifest, type CodeManifest, freshnessAt } from '@nx-assets/core';
import type { AssetRecord, RecordReading } from '@nx-assets/storage/records';
import { actionKey, type Ingredients } from './action-key.ts';
import type { Reason } from './reason.ts';

/** What is known of an asset before its step. */
export interface Situation {
  readonly manifest: AssetManifest;
  readonly reading: RecordReading;
  readonly ingredients: Ingredients;
  readonly force: boolean;
  readonly refresh: boolean;
  /** The hash of the bytes on disk; `null` where there is no file. Asked only when all else is as it was. */
  bytesOnDisk(path: string): string | null;
}

export type Decision =
  | { readonly action: 'run'; readonly actionKey: string; readonly reasons: readonly Reason[] }
  | {
      readonly action: 'reuse';
      readonly actionKey: string;
      readonly record: AssetRecord;
      readonly reasons: readonly Reason[];
    };

/** Whether a step must run, and every reason why. Pure but for the question about the bytes. */
export function decide(situation: Situation): Decision {
  const { manifest, reading, ingredients } = situation;
  const key = actionKey(manifest, ingredients);
  const run = (...reasons: readonly Reason[]): Decision => ({ action: 'run', actionKey: key, reasons });

  if (reading.status === 'missing') return run({ kind: 'missing' });
  if (reading.status === 'unreadable') return run({ kind: 'record-unreadable', problem: reading.problem });
  const { record } = reading;
  if (situation.force) return run({ kind: 'forced' });
  if (record.actionKey !== key) return run(...differences(situation, record));
  const { path } = record.value;
  const bytes = situation.bytesOnDisk(path);
  if (bytes === null) return run({ kind: 'value-missing', path });
  if (bytes !== record.dataVersion) return run({ kind: 'value-edited', path });
  return { action: 'reuse', actionKey: key, record, reasons: [{ kind: 'unchanged' }] };
}

/** Everything in which the ingredients differ from those of the record. */
function differences(situation: Situation, record: AssetRecord): Reason[] {
  const { manifest, ingredients, refresh } = situation;
  const reasons: Reason[] = [];
  const { observedAt } = ingredients;
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
  const names = changed(ingredients.env, record.env);
  if (names.length > 0) reasons.push({ kind: 'env-changed', names });
  for (const [alias, { key, dataVersion }] of Object.entries(ingredients.inputs)) {
    const was = record.inputs[alias];
    if (was?.key !== key || was.dataVersion !== dataVersion) {
      reasons.push({ kind: 'upstream-changed', key, was: was?.dataVersion ?? null, now: dataVersion });
    }
  }
  return reasons.length > 0 ? reasons : [{ kind: 'definition-changed' }];
}

function codeDifferences(now: CodeManifest, was: CodeManifest): Reason[] {
  if (now.version === was.version) return [];
  const files = changed(now.files, was.files ?? {});
  const packages = changed(now.packages, was.packages ?? {});
  const reasons: Reason[] = [];
  if (files.length > 0) reasons.push({ kind: 'code-changed', files });
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
