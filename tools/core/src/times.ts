import { Cron } from 'croner';
import { AssetError } from './diagnostics.ts';

/** Instants that come again, by a clock on some wall. */
export interface Times {
  /** Five fields: minute, hour, day of the month, month, day of the week. */
  readonly cron: string;
  /** An IANA name, such as `Europe/Berlin`. */
  readonly timeZone: string;
}

const crons = new Map<string, Cron>();

function cronOf({ cron, timeZone }: Times): Cron {
  const id = `${timeZone} ${cron}`;
  // Twice a day is as fixed as once: of the times in a list, none is lost to a change of the clocks.
  const known = crons.get(id) ?? new Cron(cron, { timezone: timeZone, fixedTimeRule: 'no-wildcard' });
  crons.set(id, known);
  return known;
}

/**
 * The first instant after another, milliseconds since the epoch; infinity where there is none. A time of the day that
 * clocks skip in spring comes as soon as they have, and one that they show twice in autumn the first time: a daily one
 * comes once a day. With `*` or a step in its minutes or hours it is a rhythm, and goes by what clocks show: it keeps on
 * through the hour that they show twice.
 */
export const nextTime = (times: Times, after: number): number =>
  cronOf(times).nextRun(new Date(after))?.getTime() ?? Infinity;

/** The last instants after one and up to another, that one included; oldest first, and no more than `limit`. */
export function lastTimes(times: Times, after: number, until: number, limit: number): number[] {
  const cron = cronOf(times);
  const found: number[] = [];
  // Croner looks for what is before, and knows whole seconds: a second on, it may find one that is too late.
  for (let from = until + 1_000, some = 2; found.length < limit; some *= 2) {
    const page = cron.previousRuns(Math.min(some, limit + 1), new Date(from)).map((date) => date.getTime());
    found.push(...page.filter((time) => time > after && time <= until));
    from = page.at(-1) ?? -Infinity;
    if (from <= after) break;
  }
  return found.slice(0, limit).reverse();
}

/** What is wrong with a cron expression or a zone, as a sentence; `null` where nothing is. */
export function problemOf({ cron, timeZone }: Times): string | null {
  if (typeof cron !== 'string') return 'There is no cron expression.';
  const fields = cron.split(/\s+/).filter(Boolean).length;
  if (fields !== 5)
    return `"${cron}" has ${fields} ${fields === 1 ? 'field' : 'fields'}, and a schedule has five.`;
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    return `There is no time zone "${timeZone}".`;
  }
  try {
    return nextTime({ cron, timeZone }, 0) === Infinity ? `"${cron}" never comes.` : null;
  } catch {
    return `"${cron}" is no cron expression.`;
  }
}

/** How to write them right. */
export const TIMES_REMEDY =
  "Write minute, hour, day, month and weekday, and an IANA time zone: '0 9 * * 1-5', 'Europe/Berlin'.";

/** Times with one space between fields. Throws `AUTOMATION_INVALID`. */
export function toTimes(cron: string, timeZone: string): Times {
  const problem = problemOf({ cron, timeZone });
  if (problem !== null) throw new AssetError('AUTOMATION_INVALID', problem, { remedy: TIMES_REMEDY });
  return { cron: cron.trim().split(/\s+/).join(' '), timeZone };
}
