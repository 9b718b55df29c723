import { type AnyAsset, isAsset } from '../asset-model.ts';
import type { DefinitionScope } from '../definition.ts';
import { AssetError } from '../diagnostics.ts';
import { type Duration, milliseconds } from '../freshness.ts';
import type { Job } from '../job.ts';
import type { AssetKey, DefinitionKey } from '../key.ts';

/** What a run can come to. `lost`: its process was killed, or its machine was switched off. */
export type WatchedStatus = 'succeeded' | 'failed' | 'cancelled' | 'lost';

/** Something outside that a sensor looks at. */
export type Watch =
  | { readonly kind: 'files'; readonly pattern: string; readonly settle: number }
  | { readonly kind: 'url'; readonly address: string }
  | { readonly kind: 'asset'; readonly asset: AnyAsset; readonly each: 'change' | 'materialization' }
  | { readonly kind: 'runs'; readonly job: Job | null; readonly status: readonly WatchedStatus[] };

/** The same as data. */
export type WatchFacts =
  | Extract<Watch, { kind: 'files' | 'url' }>
  | { readonly kind: 'asset'; readonly asset: AssetKey; readonly each: 'change' | 'materialization' }
  | { readonly kind: 'runs'; readonly job: DefinitionKey | null; readonly status: readonly WatchedStatus[] };

export interface FilesOptions {
  /** How long a file has to be as it is before it counts: whoever writes it may not be done. Default: `'1s'`. */
  readonly settle?: Duration;
}

/**
 * Files that come, change or go: a path or a pattern (`*`, `**`, `?`, `{a,b}`) from the root of the workspace, or
 * absolute. Throws `AUTOMATION_INVALID`.
 */
export function files(pattern: string, { settle = '1s' }: FilesOptions = {}): Watch {
  if (!pattern.trim()) throw new AssetError('AUTOMATION_INVALID', 'The pattern of files is empty.');
  return { kind: 'files', pattern, settle: milliseconds(settle) };
}

/**
 * What lies at an address: by its ETag; where it has none, by when it was modified; and where it says neither, by its
 * bytes. Throws `AUTOMATION_INVALID`.
 */
export function url(address: string): Watch {
  const parsed = URL.canParse(address) ? new URL(address) : null;
  if (parsed?.username || parsed?.password) {
    throw new AssetError('AUTOMATION_INVALID', 'The address of a sensor holds a name or a password.', {
      remedy:
        'Definitions are no place for secrets: give the sensor a `check` that reads an environment variable.',
    });
  }
  if (parsed && /^https?:$/.test(parsed.protocol)) return { kind: 'url', address };
  throw new AssetError('AUTOMATION_INVALID', `"${address}" is no address.`, {
    remedy: 'Write it with its protocol: https://example.com/data.csv.',
  });
}

/**
 * Materializations of an asset: those that changed its data, or with `each: 'materialization'` all of them. Several
 * between two looks are one. Throws `AUTOMATION_INVALID`.
 */
export function materialized(
  asset: AnyAsset,
  { each = 'change' }: { readonly each?: 'change' | 'materialization' } = {},
): Watch {
  if (isAsset(asset)) return { kind: 'asset', asset, each };
  throw new AssetError('AUTOMATION_INVALID', 'What `materialized` names is no asset.', {
    remedy: 'If an import is undefined, two files import each other.',
  });
}

/**
 * Runs that have ended, of a job or of anything. What the sensor itself started does not count. Default: those that
 * failed. Throws `AUTOMATION_INVALID`.
 */
export function runs({
  job = null,
  status = ['failed'],
}: { readonly job?: Job | null; readonly status?: readonly WatchedStatus[] } = {}): Watch {
  if (status.length === 0) {
    throw new AssetError('AUTOMATION_INVALID', '`runs` names no status, and would never see one.');
  }
  return { kind: 'runs', job, status };
}

export function watchFacts(watch: Watch, scope: DefinitionScope): WatchFacts {
  switch (watch.kind) {
    case 'files':
    case 'url':
      return watch;
    case 'asset':
      return { ...watch, asset: scope.keyOf(watch.asset) };
    case 'runs':
      return { ...watch, job: watch.job && scope.keyOfOther(watch.job) };
  }
}
