import { lastTimes, nextTime } from '../times.ts';
import type { TimeSpec } from './spec.ts';
import { type Zone, zoneOf } from './zone.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 366 * DAY;

export interface Windows {
  /** One for each window, in order. */
  readonly keys: readonly string[];
  /** When windows begin, milliseconds since the epoch, and as the last one when the last of them ends. */
  readonly bounds: readonly number[];
}

/** The windows that have ended by `now`. Each begins where the one before it ends. */
export function windowsOf(spec: TimeSpec, now: number): Windows {
  const zone = zoneOf(spec.timeZone);
  const limit = Math.min(now, spec.end === null ? Infinity : zone.firstInstantOf(spec.end));
  const bounds: number[] = [];
  for (const bound of boundsOf(spec, zone)) {
    if (bound > limit) break;
    // A day that clocks skip as a whole has no window.
    if (bound !== bounds.at(-1)) bounds.push(bound);
  }
  const keys = bounds.slice(0, -1).map(windowKeys(spec, zone));
  return keys.length === 0 ? { keys: [], bounds: [] } : { keys, bounds };
}

/** The keys of all windows that share some time with a stretch of it, also of those that there are not. */
export function windowsOver(spec: TimeSpec, from: number, to: number): readonly string[] {
  const zone = zoneOf(spec.timeZone);
  const begins: number[] = [];
  for (const bound of boundsOf({ ...spec, start: startBefore(spec, zone, from) }, zone)) {
    if (bound <= from) begins.length = 0;
    if (bound >= to) break;
    if (bound !== begins.at(-1)) begins.push(bound);
  }
  return begins.map(windowKeys(spec, zone));
}

/** A local time from which on windows begin that include an instant. */
function startBefore(spec: TimeSpec, zone: Zone, instant: number): number {
  if (spec.every !== 'cron') return zone.local(instant) - LONGEST[spec.every];
  const [last = instant] = lastTimes(cronTimes(spec), instant - 10 * YEAR, instant, 1);
  return zone.local(last);
}

/** What no window is longer than, changes of the clocks included. */
const LONGEST = { hour: 2 * HOUR, day: 3 * DAY, week: 9 * DAY, month: 33 * DAY };

const cronTimes = ({ cron, timeZone }: TimeSpec) => ({ cron: cron ?? '', timeZone });

function* boundsOf(spec: TimeSpec, zone: Zone): Generator<number> {
  const { start, every } = spec;
  switch (every) {
    case 'hour': {
      const first = zone.firstInstantOf(Math.ceil(start / HOUR) * HOUR);
      // Clocks may skip the hour of the start: hours are then those that an earlier start has.
      let instant = zone.firstInstantOf(Math.floor(start / DAY - 1) * DAY);
      for (; ; instant = nextHour(zone, instant)) if (instant >= first) yield instant;
    }
    case 'day': {
      for (let local = Math.ceil(start / DAY) * DAY; ; local += DAY) yield zone.firstInstantOf(local);
    }
    case 'week': {
      const first = Math.ceil(start / DAY);
      // 1970-01-01 was a Thursday.
      const wait = (spec.weekStart - ((first + 4) % 7) + 7) % 7;
      for (let local = (first + wait) * DAY; ; local += 7 * DAY) yield zone.firstInstantOf(local);
    }
    case 'month': {
      const from = new Date(start - 1);
      const [year, month] = [from.getUTCFullYear(), from.getUTCMonth()];
      for (let next = 1; ; next++) yield zone.firstInstantOf(Date.UTC(year, month + next));
    }
    case 'cron': {
      const times = cronTimes(spec);
      let instant = zone.firstInstantOf(start) - 1;
      while ((instant = nextTime(times, instant)) < Infinity) yield instant;
    }
  }
}

/**
 * When the next hour begins that clocks show. Where they are changed by less than one, what they show then begins an hour
 * of its own: from 01:30, to which they went back, to two o'clock.
 */
function nextHour(zone: Zone, instant: number): number {
  const before = zone.offsetAt(instant);
  const next = Math.floor((instant + before) / HOUR + 1) * HOUR - before;
  const isWhole = zone.offsetAt(next) === before || zone.local(next) % HOUR === 0;
  return isWhole ? next : zone.changeBetween(instant, next);
}

/**
 * What a window is called: the local time at which it begins, as far as its size needs it. Hours of a zone other than
 * UTC have their offset, since in autumn one of them is there twice.
 */
function windowKeys({ every }: TimeSpec, zone: Zone): (begin: number) => string {
  let day = NaN;
  let date = '';
  return (begin) => {
    const offset = zone.offsetAt(begin);
    const local = begin + offset;
    // Most windows begin on the day of the one before.
    if (Math.floor(local / DAY) !== day) {
      day = Math.floor(local / DAY);
      date = new Date(day * DAY).toISOString().slice(0, 10);
    }
    if (every === 'month') return date.slice(0, 7);
    if (every === 'day' || every === 'week') return date;
    const minutes = Math.floor((local - day * DAY) / MINUTE);
    const isWhole = every === 'hour' && offset % HOUR === 0 && minutes % 60 === 0;
    const time = `${date}T${two(Math.floor(minutes / 60))}${isWhole ? '' : two(minutes % 60)}`;
    return zone.name === 'UTC' ? time : time + offsetText(offset);
  };
}

const two = (number: number): string => (number < 10 ? `0${number}` : String(number));

function offsetText(offset: number): string {
  const minutes = Math.round(Math.abs(offset) / MINUTE);
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`;
}

/** The index of the window that an instant is in, or of the nearest one; -1 where there is none. */
export function windowAt({ bounds }: Windows, instant: number): number {
  let [low, high] = [0, bounds.length - 2];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((bounds[middle] ?? 0) <= instant) low = middle;
    else high = middle - 1;
  }
  return high < 0 ? -1 : low;
}
