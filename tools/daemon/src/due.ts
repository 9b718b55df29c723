import { lastTimes, nextTime, type ScheduleSpec } from '@nx-assets/core/automation';
import { timeText } from './words.ts';

/** What has come of a schedule since it was looked at last. */
export interface Due {
  /** Times that are run, oldest first. */
  readonly run: readonly { readonly at: number; readonly because: string }[];
  /** The last of the times that are left out, and why. */
  readonly skipped: { readonly at: number; readonly because: string } | null;
}

/** A time that is found late by no more than this has not been missed: a turn takes its time. Milliseconds. */
const GRACE = 120_000;
/** More times than these are not counted. */
const COUNTED = 1_000;

/** Which times after `since` have come by `now`, and what becomes of each. Pure. */
export function dueOf(spec: ScheduleSpec, since: number, now: number): Due {
  if (nextTime(spec, since) > now) return { run: [], skipped: null };
  const wanted = spec.catchUp === 'all' ? Math.max(spec.limit, COUNTED) : COUNTED;
  const times = lastTimes(spec, since, now, wanted + 1);
  const run = spec.catchUp === 'all' ? times.slice(-spec.limit) : times.slice(-1).filter(isRun);
  const left = times.slice(0, times.length - run.length);
  const last = left.at(-1);
  const amount = times.length > wanted ? `more than ${left.length - 1}` : String(left.length);
  return {
    run: run.map((at) => ({ at, because: `due ${timeText(at, spec.timeZone)}${lateness(now - at)}` })),
    skipped:
      last === undefined
        ? null
        : { at: last, because: `${amount} ${left.length === 1 ? 'time' : 'times'} left out: ${reason()}` },
  };

  function isRun(at: number): boolean {
    return spec.catchUp === 'latest' || now - at <= GRACE;
  }
  function reason(): string {
    switch (spec.catchUp) {
      case 'none':
        return 'automation was not running then, and missed times are not made up';
      case 'latest':
        return 'a later one was due as well, and it catches up with the latest alone';
      case 'all':
        return `it catches up with ${spec.limit} at most`;
    }
  }
}

function lateness(milliseconds: number): string {
  if (milliseconds <= GRACE) return '';
  const minutes = Math.round(milliseconds / 60_000);
  const text =
    minutes < 120
      ? `${minutes} min`
      : minutes < 2_880
        ? `${Math.round(minutes / 60)} h`
        : `${Math.round(minutes / 1_440)} days`;
  return `, ${text} late`;
}
