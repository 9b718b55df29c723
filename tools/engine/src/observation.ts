import { readFileSync } from 'node:fs';
import { type AssetKey, type AssetManifest, freshnessAt } from '@nx-assets/core';
import { absolute, observationPath, writeAtomic } from '@nx-assets/storage/records';

/** One function asks for all that it makes. */
const observedAs = ({ key, siblings }: AssetManifest): AssetKey => siblings?.[0] ?? key;
/** Whether an asset gets old by itself: one from outside, with a policy. */
const ages = ({ deps, freshness }: Pick<AssetManifest, 'deps' | 'freshness'>): boolean =>
  freshness !== null && Object.keys(deps).length === 0;

/** When the data of an asset from outside was last asked for, or `null`. */
export function lastObservation(root: string, manifest: AssetManifest): string | null {
  if (!ages(manifest)) return null;
  try {
    const { observedAt } = JSON.parse(
      readFileSync(absolute(root, observationPath(observedAs(manifest))), 'utf8'),
    ) as {
      observedAt?: unknown;
    };
    return typeof observedAt === 'string' && !Number.isNaN(Date.parse(observedAt)) ? observedAt : null;
  } catch {
    return null; // nothing was observed on this machine, or the file is torn: ask again
  }
}

/**
 * The observation that a run at `now` works with: the last one while its data is fresh, otherwise a new one. `null` for
 * assets that do not age by themselves, as those do that come from outside and have a policy.
 */
export function nextObservation(
  manifest: Pick<AssetManifest, 'deps' | 'freshness'>,
  last: string | null,
  now: Date,
  refresh: boolean,
): string | null {
  const { freshness } = manifest;
  if (!freshness || !ages(manifest)) return null;
  const isFresh = last !== null && freshnessAt(freshness, Date.parse(last), now.getTime()) === 'fresh';
  return isFresh && !refresh ? last : now.toISOString();
}

/** The observation that this run works with, kept so that every later look agrees. */
export function observe(root: string, manifest: AssetManifest, now: Date, refresh: boolean): string | null {
  const last = lastObservation(root, manifest);
  const next = nextObservation(manifest, last, now, refresh);
  if (next !== null && next !== last) {
    writeAtomic(
      absolute(root, observationPath(observedAs(manifest))),
      `${JSON.stringify({ observedAt: next })}\n`,
    );
  }
  return next;
}
