import type { DefinitionScope, OtherDefinition } from '../definition.ts';
import { AssetError } from '../diagnostics.ts';
import { type Times, toTimes } from '../times.ts';
import { checkRunnable, type RunOptions, type Target, targetOf } from './target.ts';

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

export interface ScheduleFacts extends ScheduleSpec {
  readonly type: 'schedule';
  readonly target: Target;
}

/** Runs something by the clock. Named by its export, like an asset. */
export interface Schedule extends OtherDefinition {
  readonly type: 'schedule';
  describe(scope: DefinitionScope): ScheduleFacts;
}

export interface ScheduleDefinition extends ScheduleTimes, RunOptions {
  /** One sentence: what it is for. */
  readonly description: string;
}

const MOST = 100;

/**
 * Defines a schedule. Cheap and pure: it only checks and keeps what it is given. `partition: 'latest'` is the last
 * window that had ended at the time that was due, also where it is run later.
 *
 * Throws `AUTOMATION_INVALID` and `SELECTION_INVALID`.
 */
export function schedule(definition: ScheduleDefinition): Schedule {
  const description = definition.description?.trim();
  if (!description) throw new AssetError('AUTOMATION_INVALID', 'A schedule has no description.');
  checkRunnable(definition.run);
  const spec = toScheduleSpec(definition);
  return Object.freeze({
    type: 'schedule',
    description,
    describe: (scope: DefinitionScope): ScheduleFacts => ({
      type: 'schedule',
      ...spec,
      target: targetOf(definition, scope),
    }),
  } as const);
}

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
