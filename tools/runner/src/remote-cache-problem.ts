import { AssetError, type AssetKey } from '@nx-assets/core/data';
import { plural } from '@nx-assets/workspace/format';

/** What went wrong with a remote cache. None of it changes the data of a run: it is computed here instead. */
export interface RemoteCacheProblem {
  /** `unread`: it did not give a result. `unstored`: it did not take one. `invalid`: it gave another one. */
  readonly kind: 'unread' | 'unstored' | 'invalid';
  /** What Nx calls the result. */
  readonly hash: string;
  /** `null` for a task that is no asset. */
  readonly key: AssetKey | null;
  readonly reason: string;
}

/** A message for each kind of problem, not for each result: a server that is down gives one for every asset. */
export function describeRemoteCache(problems: readonly RemoteCacheProblem[]): string[] {
  const of = (kind: RemoteCacheProblem['kind']) => problems.filter((problem) => problem.kind === kind);
  const [unread, unstored, invalid] = [of('unread'), of('unstored'), of('invalid')];
  const failed = [
    ...(unread.length > 0
      ? [`It did not give ${plural(unread.length, 'result')}: ${reasonsOf(unread)}.`]
      : []),
    ...(unstored.length > 0
      ? [`It did not take ${plural(unstored.length, 'result')}: ${reasonsOf(unstored)}.`]
      : []),
  ];
  return [
    ...(failed.length > 0
      ? [new AssetError('REMOTE_CACHE_FAILED', `The remote cache failed. ${failed.join(' ')}`)]
      : []),
    ...invalid.map(
      ({ key, hash, reason }) =>
        new AssetError(
          'REMOTE_ENTRY_INVALID',
          `The remote cache has ${key ?? 'a task'} as ${hash}, ${reason}.`,
        ),
    ),
  ].map(({ message }) => message);
}

/** Two of them: they hardly ever differ in more than a hash. */
const reasonsOf = (problems: readonly RemoteCacheProblem[]): string =>
  [...new Set(problems.map(({ reason }) => reason))].slice(0, 2).join('; ');
