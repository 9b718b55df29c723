import { type AssetKey, type AssetManifest, freshnessAt, type Graph } from '@nx-assets/core';
import type { AssetStatus } from '@nx-assets/core/selection';
import type { RecordReading } from '@nx-assets/storage/records';
import type { PlannedStep } from './plan.ts';

/** How an asset stands. Several can be true at once: stale and failed, for example. */
export interface StatusFacts {
  readonly manifest: AssetManifest;
  readonly step: PlannedStep;
  readonly reading: RecordReading;
  /** Whether its last step failed. */
  readonly failed: boolean;
  /** When the oldest data that it is made from was asked for; `null` where nobody knows. */
  readonly dataFrom: number | null;
  readonly now: number;
}

/**
 * The states of an asset, the most urgent first.
 *
 * `missing`: there is no value. `failed`: its last step failed. `overdue` and `due`: new data should be there already,
 * or is wanted, by its policy.
 * `stale`: it, or something that it depends on, has changed. `fresh`: none of these.
 */
export function statusesOf({ manifest, step, reading, failed, dataFrom, now }: StatusFacts): AssetStatus[] {
  const statuses: AssetStatus[] = [];
  if (failed) statuses.push('failed');
  const isMissing =
    reading.status !== 'found' || step.reasons.some((reason) => reason.kind === 'value-missing');
  if (isMissing) statuses.push('missing');
  else if (manifest.freshness && dataFrom !== null) {
    const state = freshnessAt(manifest.freshness, dataFrom, now);
    if (state !== 'fresh') statuses.push(state);
  }
  if (!isMissing && step.action !== 'keep' && step.reasons.some(({ kind }) => kind !== 'too-old')) {
    statuses.push('stale');
  }
  return statuses.length > 0 ? statuses : ['fresh'];
}

/**
 * When the oldest data that an asset is made from was asked for, milliseconds since the epoch: by the observations of
 * what it comes from, and where there is none, by when that was made.
 */
export function dataTimes(
  graph: Graph<AssetManifest>,
  reading: (key: AssetKey) => RecordReading,
): ReadonlyMap<AssetKey, number | null> {
  const times = new Map<AssetKey, number | null>();
  for (const key of graph.order) {
    const deps = Object.values(graph.nodes.get(key)?.deps ?? {});
    const found = reading(key);
    const own =
      found.status === 'found' ? Date.parse(found.record.observedAt ?? found.record.finishedAt) : null;
    const from = deps.length === 0 ? [own] : deps.map((dep) => times.get(dep) ?? null);
    times.set(key, from.includes(null) ? null : Math.min(...from.map(Number)));
  }
  return times;
}
