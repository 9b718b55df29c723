import { AssetError } from '../diagnostics.ts';
import { type Times, toTimes } from '../times.ts';

/**
 * What becomes of times that passed while nobody watched the clock. `latest`: the last of them is run, late. `none`: they
 * are left out. `all`: each is run, the oldest first and several at the same time; of more than a hundred, or than
 * `all`, the last ones.
 */
export type CatchUp = 'latest' | 'none' | 'all' | { readonly all: number };

export interface ScheduleTimes {
  /** Five fields: minute, hour, day of the month, month, day of the week. */
  readonly cron: string;
  /** An IANA name, such as `Europe/Berlin`. Default: `UTC`. */
  readonly timeZone?: string;
  /** Default: `latest`. */
  readonly catchUp?: CatchUp;
}

/** When something is due, as data. */
export interface ScheduleSpec extends Times {
  readonly catchUp: 'latest' | 'none' | 'all';
  /** The most that `all` runs at once. */
  readonly limit: number;
}

/** The most times that `all` runs at once. */
const MOST = 100;

/** Throws `AUTOMATION_INVALID`. */
export function toScheduleSpec({ cron, timeZone = 'UTC', catchUp = 'latest' }: ScheduleTimes): ScheduleSpec {
  const times = toTimes(cron, timeZone);
  const limit = typeof catchUp === 'string' ? MOST : catchUp?.all;
  const policy = typeof catchUp === 'string' ? catchUp : 'all';
  if (!['latest', 'none', 'all'].includes(policy) || !Number.isSafeInteger(limit) || limit < 1) {
    throw new AssetError('AUTOMATION_INVALID', `${JSON.stringify(catchUp)} is no way to catch up.`, {
      remedy: "Write 'latest', 'none', 'all', or { all: 10 }.",
    });
  }
  return { ...times, catchUp: policy, limit };
}
