import type { AssetManifest } from '@nx-assets/core';
import type { AssetStatus } from '@nx-assets/core/selection';
import type { RecordReading } from '@nx-assets/storage/records';
import type { PlannedStep } from './plan.ts';

/** How an asset stands. Several can be true at once: stale and failed, for example. */
export interface Standing {
  readonly manifest: AssetManifest;
  readonly step: PlannedStep;
  readonly reading: RecordReading;
  /** Whether its last step failed. */
  readonly failed: boolean;
}

/**
 * The states of an asset, the most urgent first.
 *
 * `missing`: there is no value. `failed`: its last step failed. `overdue`: its data is older than its policy allows.
 * `stale`: it, or something that it depends on, has changed. `fresh`: none of these.
 */
export function statusesOf({ step, reading, failed }: Standing): AssetStatus[] {
  const statuses: AssetStatus[] = [];
  if (failed) statuses.push('failed');
  const isMissing =
    reading.status !== 'found' || step.reasons.some((reason) => reason.kind === 'value-missing');
  if (isMissing) statuses.push('missing');
  else if (step.reasons.some((reason) => reason.kind === 'too-old')) statuses.push('overdue');
  if (!isMissing && step.action !== 'reuse' && step.reasons.some(({ kind }) => kind !== 'too-old')) {
    statuses.push('stale');
  }
  return statuses.length > 0 ? statuses : ['fresh'];
}
