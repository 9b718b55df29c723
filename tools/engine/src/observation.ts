import { readFileSync } from 'node:fs';
import type { AssetManifest } from '@nx-assets/core';
import { absolute, observationPath, writeAtomic } from '@nx-assets/storage/records';

/** When the data of an asset from outside was last asked for, or `null`. */
export function lastObservation(root: string, manifest: AssetManifest): string | null {
  try {
    const { observedAt } = JSON.parse(
      readFileSync(absolute(root, observationPath(manifest.key)), 'utf8'),
    ) as {
      observedAt?: unknown;
    };
    return typeof observedAt === 'string' && !Number.isNaN(Date.parse(observedAt)) ? observedAt : null;
  } catch {
    return null; // nothing was observed on this machine, or the file is torn: ask again
  }
}

/**
 * The observation that a run at `now` works with: the last one while it is young enough, otherwise a new one. `null` for
 * assets that do not age by themselves.
 *
 * An observation from the future counts as too old: the clock was set back.
 */
export function nextObservation(
  { maxAge }: Pick<AssetManifest, 'maxAge'>,
  last: string | null,
  now: Date,
  refresh: boolean,
): string | null {
  if (maxAge === null) return null;
  const age = last === null ? Number.POSITIVE_INFINITY : now.getTime() - Date.parse(last);
  return last !== null && !refresh && age >= 0 && age < maxAge ? last : now.toISOString();
}

/** The observation that this run works with, kept so that every later look agrees. */
export function observe(root: string, manifest: AssetManifest, now: Date, refresh: boolean): string | null {
  const last = lastObservation(root, manifest);
  const next = nextObservation(manifest, last, now, refresh);
  if (next !== null && next !== last) {
    writeAtomic(absolute(root, observationPath(manifest.key)), `${JSON.stringify({ observedAt: next })}\n`);
  }
  return next;
}
