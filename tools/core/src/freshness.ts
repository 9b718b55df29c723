import { AssetError } from './diagnostics.ts';
import { nextTime, TIMES_REMEDY } from './times.ts';

/**
 * How old data may get. What comes from outside is asked for again by the first run that finds it due; what is made of
 * other assets is only said to be due or overdue.
 */
export type FreshnessPolicy = AgePolicy | DeadlinePolicy;

export interface AgePolicy {
  /** Older than this, data is due. For example `'90s'`, `'15m'`, `'1h'`, `'7d'`. */
  readonly maxAge: Duration;
  /** Older than this, it is overdue. Default: `maxAge`. */
  readonly overdueAfter?: Duration;
}

export interface DeadlinePolicy {
  /** When new data must be there, as cron: `'0 9 * * 1-5'` is nine o'clock from Monday to Friday. */
  readonly deadline: string;
  /** An IANA name, for example `'Europe/Berlin'`. Default: `'UTC'`. */
  readonly timeZone?: string;
  /** How long before a deadline data counts as new for it. From then on older data is due. Default: `'1h'`. */
  readonly window?: Duration;
}

/** The same as data. Times are milliseconds. */
export type Freshness =
  | { readonly kind: 'age'; readonly due: number; readonly overdue: number }
  | {
      readonly kind: 'deadline';
      readonly cron: string;
      readonly timeZone: string;
      readonly window: number;
    };

/** `due`: new data is wanted. `overdue`: it should have been there already. */
export type FreshnessState = 'fresh' | 'due' | 'overdue';

export type Duration = `${number}${'s' | 'm' | 'h' | 'd'}`;

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A duration in milliseconds. */
export function milliseconds(duration: string): number {
  const match = /^(\d+(?:\.\d+)?)([smhd])$/.exec(duration);
  const amount = Number(match?.[1]);
  if (!match || !(amount > 0)) {
    throw new AssetError('ASSET_OPTION_INVALID', `"${duration}" is not a duration.`, {
      remedy: 'Write a number and a unit: 90s, 15m, 1h or 7d.',
    });
  }
  return amount * UNITS[match[2] as keyof typeof UNITS];
}

/** Throws `ASSET_OPTION_INVALID`. */
export function toFreshness(policy: FreshnessPolicy): Freshness {
  if ('deadline' in policy) {
    const { deadline: cron, timeZone = 'UTC', window = '1h' } = policy;
    checkDeadline(cron, timeZone);
    return { kind: 'deadline', cron, timeZone, window: milliseconds(window) };
  }
  const due = milliseconds(policy.maxAge);
  const overdue = policy.overdueAfter === undefined ? due : milliseconds(policy.overdueAfter);
  if (overdue >= due) return { kind: 'age', due, overdue };
  throw new AssetError(
    'ASSET_OPTION_INVALID',
    `overdueAfter, ${policy.overdueAfter}, is shorter than maxAge, ${policy.maxAge}.`,
  );
}

/** How data of a time stands now; both in milliseconds since the epoch. */
export function freshnessAt(freshness: Freshness, from: number, now: number): FreshnessState {
  // Data from the future: the clock was set back, and nobody knows how old it is.
  if (from > now) return 'overdue';
  const { dueAt, overdueAt } = limitsOf(freshness, from);
  if (now >= overdueAt) return 'overdue';
  return now >= dueAt ? 'due' : 'fresh';
}

/** When data of a time gets due and overdue. */
function limitsOf(freshness: Freshness, from: number): { dueAt: number; overdueAt: number } {
  if (freshness.kind === 'age') return { dueAt: from + freshness.due, overdueAt: from + freshness.overdue };
  const { cron, timeZone, window } = freshness;
  // The first deadline whose window opens after this data came.
  const overdueAt = nextTime({ cron, timeZone }, from + window);
  return { dueAt: overdueAt - window, overdueAt };
}

function checkDeadline(cron: string, timeZone: string): void {
  try {
    nextTime({ cron, timeZone }, 0);
  } catch {
    throw new AssetError('ASSET_OPTION_INVALID', `"${cron}" in "${timeZone}" is no cron expression.`, {
      remedy: TIMES_REMEDY,
    });
  }
}
