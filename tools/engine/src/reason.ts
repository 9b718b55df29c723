import type { AssetKey, Freshness } from '@nx-assets/core';

/** Names of partitions beyond are not worth their place in a record of history. */
export const NAMED = 20;

/** Why a step runs, is reused, or cannot run. Data first; words are made at the very end. */
export type Reason =
  | { readonly kind: 'missing' }
  | { readonly kind: 'record-unreadable'; readonly problem: string }
  | { readonly kind: 'value-missing'; readonly path: string }
  | { readonly kind: 'value-edited'; readonly path: string }
  | { readonly kind: 'forced' }
  | { readonly kind: 'refresh-asked' }
  | { readonly kind: 'too-old'; readonly observedAt: string; readonly freshness: Freshness }
  | { readonly kind: 'code-changed'; readonly files: readonly string[] }
  | {
      readonly kind: 'file-changed';
      /** Files that the asset opens by path: changed, new, or gone. */
      readonly files: readonly string[];
      /** How many they are, where not all of them are named. */
      readonly fileCount?: number;
    }
  | { readonly kind: 'package-changed'; readonly packages: readonly string[] }
  | { readonly kind: 'definition-changed' }
  | { readonly kind: 'framework-changed' }
  | { readonly kind: 'env-changed'; readonly names: readonly string[] }
  | { readonly kind: 'config-changed'; readonly fields: readonly string[] }
  | {
      readonly kind: 'upstream-changed';
      readonly key: AssetKey;
      readonly was: string | null;
      readonly now: string | null;
      /** Those that changed, of an asset with partitions; none where the record does not say. */
      readonly partitions?: readonly string[];
      /** How many they are, where not all of them are named. */
      readonly partitionCount?: number;
    }
  | { readonly kind: 'partition-changed' }
  /** One function makes both. */
  | { readonly kind: 'sibling-runs'; readonly key: AssetKey }
  | { readonly kind: 'unchanged' }
  /** From which cache of Nx; `output` where what it would have copied lay there already. */
  | { readonly kind: 'restored'; readonly from?: 'output' | 'local' | 'remote' }
  | { readonly kind: 'upstream-failed'; readonly key: AssetKey }
  /** It needs partitions that do not exist (yet): it cannot run. */
  | {
      readonly kind: 'partitions-missing';
      readonly key: AssetKey;
      readonly partitions: readonly string[];
      /** How many they are, where not all of them are named. */
      readonly partitionCount?: number;
    }
  /** Only in a plan: it cannot run, because that one cannot. */
  | { readonly kind: 'upstream-blocked'; readonly key: AssetKey }
  /** Only in a plan: what these come to decides. */
  | { readonly kind: 'upstream-undecided'; readonly keys: readonly AssetKey[] };

/** A reason in a few words. */
export function describeReason(reason: Reason): string {
  switch (reason.kind) {
    case 'missing':
      return 'not materialized yet';
    case 'record-unreadable':
      return `record unreadable (${reason.problem})`;
    case 'value-missing':
      return `${reason.path} is missing`;
    case 'value-edited':
      return `${reason.path} was edited by hand`;
    case 'forced':
      return 'forced';
    case 'refresh-asked':
      return 'refresh requested';
    case 'too-old':
      return describeAge(reason.freshness);
    case 'code-changed':
      return `code changed: ${some(reason.files.map(shortPath))}`;
    case 'file-changed':
      return `file changed: ${some(
        reason.files.map((path) => path.split('/').slice(-2).join('/')),
        reason.fileCount,
      )}`;
    case 'package-changed':
      return `package changed: ${some(reason.packages)}`;
    case 'definition-changed':
      return 'definition changed';
    case 'framework-changed':
      return 'Nx Assets changed';
    case 'env-changed':
      return `environment changed: ${some(reason.names)}`;
    case 'config-changed':
      return `config changed: ${some(reason.fields)}`;
    case 'upstream-changed':
      return `data changed: ${reason.key}${reason.partitions?.length ? ` [${some(reason.partitions, reason.partitionCount)}]` : ''}`;
    case 'sibling-runs':
      return `made with ${reason.key}`;
    case 'partition-changed':
      return 'partition window changed';
    case 'unchanged':
      return 'unchanged';
    case 'restored':
      return 'unchanged';
    case 'upstream-failed':
      return `upstream failed: ${reason.key}`;
    case 'partitions-missing':
      return `needs ${describeMissing(reason)}`;
    case 'upstream-blocked':
      return `upstream cannot run: ${reason.key}`;
    case 'upstream-undecided':
      return `may change, depending on ${some(reason.keys)}`;
  }
}

/** `events/days [2026-11-25], which does not exist`. */
export function describeMissing({
  key,
  partitions,
  partitionCount = partitions.length,
}: Pick<Extract<Reason, { kind: 'partitions-missing' }>, 'key' | 'partitions' | 'partitionCount'>): string {
  const [first = '', ...rest] = partitions;
  if (first === 'latest') return `the latest partition of ${key}, which has none`;
  const verb = rest.length === 0 ? 'which does not exist' : 'which do not exist';
  return `${key} [${some(partitions, partitionCount)}], ${verb}`;
}

/** The first reason in words, and how many more there are. */
export function describeReasons(reasons: readonly Reason[]): string {
  // That it is not there yet goes without saying where it cannot be made.
  const isBlocked = reasons.some(({ kind }) => kind === 'partitions-missing' || kind === 'upstream-blocked');
  const [first, ...rest] = reasons.filter(({ kind }) => kind !== 'missing' || !isBlocked);
  if (!first) return '';
  return rest.length === 0 ? describeReason(first) : `${describeReason(first)}, and ${rest.length} more`;
}

/** A file's name; for an `index.ts`, of which there are many, where it is. */
function shortPath(path: string): string {
  const parts = path.split('/');
  const name = parts.at(-1) ?? path;
  return /^index\./.test(name) ? parts.slice(-3).join('/') : name;
}

function some(names: readonly string[], count = names.length): string {
  const short = names.slice(0, 2);
  return count > 2 ? `${short.join(', ')} and ${count - 2} more` : short.join(', ');
}

const describeAge = (freshness: Freshness): string =>
  freshness.kind === 'age'
    ? `older than ${describeDuration(freshness.due)}`
    : `older than the deadline ${describeFreshness(freshness)} allows`;

/** A policy in a few words: `1h`, or `1h, overdue after 2h`, or `0 9 * * 1-5 (Europe/Berlin)`. */
export function describeFreshness(freshness: Freshness): string {
  if (freshness.kind === 'deadline') return `${freshness.cron} (${freshness.timeZone})`;
  const { due, overdue } = freshness;
  return describeDuration(due) + (overdue > due ? `, overdue after ${describeDuration(overdue)}` : '');
}

function describeDuration(milliseconds: number): string {
  const units = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'm'],
  ] as const;
  const unit = units.find(([size]) => milliseconds >= size && milliseconds % size === 0);
  return unit ? `${milliseconds / unit[0]}${unit[1]}` : `${milliseconds / 1000}s`;
}
