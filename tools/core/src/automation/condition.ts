import { problemOf, type Times, toTimes } from '../times.ts';

/**
 * When an asset is to be brought up to date, as data. It is asked of an asset, or of each of its partitions, at every
 * tick; `any-upstream` and `all-upstreams` ask it of what that one is made from.
 */
export type Condition =
  | { readonly kind: 'missing' | 'data-changed' | 'code-changed' | 'in-progress' | 'latest-window' }
  | ({ readonly kind: 'cron' } & Times)
  | { readonly kind: 'any-upstream' | 'all-upstreams' | 'not'; readonly of: Condition }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Condition[] };

/** It has no value. */
export const missing = (): Condition => ({ kind: 'missing' });

/** The data of an upstream is other than what it was made from. A run that changed nothing there does not count. */
export const dataChanged = (): Condition => ({ kind: 'data-changed' });

/** The code that computes it is other than what it was made with. */
export const codeChanged = (): Condition => ({ kind: 'code-changed' });

/** A run is about to make it. */
export const inProgress = (): Condition => ({ kind: 'in-progress' });

/** Its partition is the last window that has ended. Always true of an asset that is not cut by time. */
export const latestWindow = (): Condition => ({ kind: 'latest-window' });

/**
 * A time has come since it was last asked for. Of several that have passed, the last counts.
 *
 * Throws `AUTOMATION_INVALID`.
 */
export function cron(
  expression: string,
  { timeZone = 'UTC' }: { readonly timeZone?: string } = {},
): Condition {
  return { kind: 'cron', ...toTimes(expression, timeZone) };
}

/** It holds of at least one asset, or partition, that it is made from. */
export const anyUpstream = (of: Condition): Condition => ({ kind: 'any-upstream', of });

/** It holds of everything that it is made from. */
export const allUpstreams = (of: Condition): Condition => ({ kind: 'all-upstreams', of });

export const not = (of: Condition): Condition => ({ kind: 'not', of });
export const and = (...of: readonly [Condition, ...Condition[]]): Condition => ({ kind: 'and', of });
export const or = (...of: readonly [Condition, ...Condition[]]): Condition => ({ kind: 'or', of });

/** Nobody makes it, or what it is made from. What is missing of that is no obstacle: its run makes that, too. */
const ready = (): readonly Condition[] => [not(inProgress()), not(anyUpstream(inProgress()))];

/** As soon as it is missing, or its code or the data of an upstream has changed; of windows, the latest. */
export const eager = (): Condition =>
  and(latestWindow(), or(missing(), dataChanged(), codeChanged()), ...ready());

/** As soon as it is missing: every partition of it. */
export const onMissing = (): Condition => and(missing(), ...ready());

/** Each time that a clock shows, unless it is being made. Of windows, the latest. Throws `AUTOMATION_INVALID`. */
export const onCron = (expression: string, options: { readonly timeZone?: string } = {}): Condition =>
  and(latestWindow(), cron(expression, options), not(inProgress()));

const LEAVES: ReadonlySet<string> = new Set([
  'missing',
  'data-changed',
  'code-changed',
  'in-progress',
  'latest-window',
]);

/** What is wrong with something that should be a condition, as a sentence; `null` where nothing is. */
export function conditionProblem(value: unknown): string | null {
  const condition = value as Condition | null | undefined;
  if (typeof condition !== 'object' || condition === null)
    return 'The condition is not valid: call the function, as in eager().';
  switch (condition.kind) {
    case 'cron':
      return problemOf(condition);
    case 'not':
    case 'any-upstream':
    case 'all-upstreams':
      return conditionProblem(condition.of);
    case 'and':
    case 'or': {
      const { of } = condition;
      if (!Array.isArray(of) || of.length === 0) return `"${condition.kind}" has nothing to join.`;
      return of.map(conditionProblem).find((problem) => problem !== null) ?? null;
    }
    default:
      return LEAVES.has(condition.kind) ? null : 'The condition is of no kind that there is.';
  }
}

/** Whether a condition can only hold of the latest window, so that nobody has to look at others. */
export const isOfLatest = (condition: Condition): boolean =>
  condition.kind === 'latest-window' ||
  (condition.kind === 'and' && condition.of.some(isOfLatest)) ||
  (condition.kind === 'or' && condition.of.every(isOfLatest));
