import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lastTimes, nextTime, problemOf, type Times } from './times.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const at = (text: string) => Date.parse(text);

/** What clocks of a zone show: `2026-03-29 06:00`. By the runtime alone, as the library is what is tried here. */
function clockOf(timeZone: string): (instant: number) => string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  return (instant) => format.format(instant);
}

/** Instants after one and up to another, by asking again and again for the next. */
function walk(times: Times, after: number, until: number): number[] {
  const found: number[] = [];
  for (let time = nextTime(times, after); time <= until; time = nextTime(times, time)) found.push(time);
  return found;
}

/** A change of the clocks, a little before it: forward, back, at midnight, and by half an hour. */
const CHANGES = [
  ['Europe/Berlin', '2026-03-28T12:00Z'],
  ['Europe/Berlin', '2026-10-24T12:00Z'],
  ['America/New_York', '2026-03-07T12:00Z'],
  ['America/New_York', '2026-10-31T12:00Z'],
  ['America/Sao_Paulo', '2018-11-03T12:00Z'],
  ['America/Sao_Paulo', '2018-02-17T12:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T06:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T06:00Z'],
  ['Asia/Kathmandu', '2026-02-27T12:00Z'],
  ['UTC', '2028-02-28T12:00Z'],
] as const;

/** A field and which numbers fit it. Lists and ranges are written out, so that nothing is parsed here. */
interface Field {
  readonly text: string;
  readonly fits: (number: number) => boolean;
}
const any: Field = { text: '*', fits: () => true };
const every = (step: number): Field => ({ text: `*/${step}`, fits: (number) => number % step === 0 });
const list = (...numbers: readonly number[]): Field => ({
  text: numbers.join(','),
  fits: (number) => numbers.includes(number),
});
const range = (from: number, to: number): Field => ({
  text: `${from}-${to}`,
  fits: (number) => number >= from && number <= to,
});
const MINUTES = [list(0), list(30), list(15, 45), range(58, 59), every(20), any];
const HOURS = [list(0), list(1), list(2), list(2, 3), list(2, 14), range(0, 3), every(6), any];
const DAYS = [any, any, list(1), list(28, 29)];
const WEEKDAYS = [any, any, range(1, 5), list(0)];

const cases = fc.record({
  change: fc.constantFrom(...CHANGES),
  minute: fc.constantFrom(...MINUTES),
  hour: fc.constantFrom(...HOURS),
  day: fc.constantFrom(...DAYS),
  weekday: fc.constantFrom(...WEEKDAYS),
});
type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

const timesOf = ({ change: [timeZone], minute, hour, day, weekday }: Case): Times => ({
  cron: `${minute.text} ${hour.text} ${day.text} * ${weekday.text}`,
  timeZone,
});

const LENGTH = 2 * DAY;
const toUtc = (local: string) => at(`${local.replace(' ', 'T')}Z`);

interface Shown {
  readonly instant: number;
  /** What clocks show, as if it were UTC. */
  readonly local: Date;
  /** They have not shown it before. */
  readonly isFirst: boolean;
  /** What they have just skipped. */
  readonly skipped: readonly Date[];
}
const seen = new Map<Case['change'], readonly Shown[]>();

/** What clocks show, minute by minute, over two days. */
function shown(change: Case['change']): readonly Shown[] {
  const known = seen.get(change);
  if (known) return known;
  const clock = clockOf(change[0]);
  const before = new Set<number>();
  let last = toUtc(clock(at(change[1]) - MINUTE));
  const minutes = Array.from({ length: LENGTH / MINUTE + 1 }, (_, index): Shown => {
    const instant = at(change[1]) + index * MINUTE;
    const local = toUtc(clock(instant));
    const isFirst = !before.has(local);
    const gap = Math.max(0, (local - last) / MINUTE - 1);
    const skipped = Array.from({ length: gap }, (_, n) => new Date(local - (n + 1) * MINUTE));
    before.add(local);
    last = local;
    return { instant, local: new Date(local), isFirst, skipped };
  });
  seen.set(change, minutes);
  return minutes;
}

/** The same times. Nothing is computed: each minute is looked at. */
function oracle({ change, minute, hour, day, weekday }: Case): number[] {
  const fits = (time: Date) => {
    const [byDay, byWeekday] = [day.fits(time.getUTCDate()), weekday.fits(time.getUTCDay())];
    // Cron's own rule: a day and a weekday, where both are given, are one or the other.
    const isDay = day === any || weekday === any ? byDay && byWeekday : byDay || byWeekday;
    return minute.fits(time.getUTCMinutes()) && hour.fits(time.getUTCHours()) && isDay;
  };
  const isRhythm = [minute, hour].some(({ text }) => text.startsWith('*'));
  const isDue = ({ local, isFirst, skipped }: Shown) =>
    isRhythm ? fits(local) : (isFirst && fits(local)) || skipped.some(fits);
  return shown(change)
    .filter(isDue)
    .map(({ instant }) => instant);
}

describe('times', () => {
  test('are those that a look at each minute finds, also where clocks change', () => {
    fc.assert(
      fc.property(cases, (given) => {
        const from = at(given.change[1]) - 1;
        const until = from + 1 + LENGTH;
        expect(walk(timesOf(given), from, until)).toEqual(oracle(given));
      }),
      { numRuns: 120 },
    );
  });

  test('are the same backwards as forwards, between any two instants', () => {
    const span = fc.integer({ min: 0, max: 3 * DAY });
    fc.assert(
      fc.property(cases, span, span, fc.integer({ min: 1, max: 40 }), (given, start, length, limit) => {
        const times = timesOf(given);
        const after = at(given.change[1]) - DAY + start;
        const all = walk(times, after, after + length);
        expect(lastTimes(times, after, after + length, limit)).toEqual(all.slice(-limit));
        expect(lastTimes(times, after, after + length, 5_000)).toEqual(all);
      }),
      { numRuns: 80 },
    );
  });

  test('up to one of them have it, and after one of them have not', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(0, 1, 999, 1_000, 59_999), (given, late) => {
        const times = timesOf(given);
        const first = nextTime(times, at(given.change[1]));
        expect(nextTime(times, first - 1)).toBe(first);
        expect(nextTime(times, first)).toBeGreaterThan(first);
        expect(lastTimes(times, first - 1, first + late, 9)[0]).toBe(first);
        expect(lastTimes(times, first, first + late, 9)).toEqual([]);
        expect(lastTimes(times, first - MINUTE, first - 1, 9)).toEqual([]);
      }),
    );
  });
});

describe('a daily time', () => {
  const years = fc.integer({ min: 2_000, max: 2_037 });
  const zones = fc.constantFrom(...new Set(CHANGES.map(([zone]) => zone)));
  const hours = fc.integer({ min: 0, max: 23 });

  test.each([
    ['Europe/Berlin', '2026-03-27T22:59:59Z', ['28 02:30', '29 03:00', '30 02:30', '31 02:30']],
    ['Europe/Berlin', '2026-10-23T21:59:59Z', ['24 02:30', '25 02:30', '26 02:30', '27 02:30']],
    ['America/New_York', '2026-03-07T04:59:59Z', ['07 02:30', '08 03:00', '09 02:30', '10 02:30']],
  ])('of half past two in %s, from %s', (timeZone, from, local) => {
    const found = walk({ cron: '30 2 * * *', timeZone }, at(from), at(from) + 4 * DAY).slice(0, 4);
    expect(found.map((time) => clockOf(timeZone)(time).slice(8))).toEqual(local);
  });

  test('in autumn is the first of the two', () => {
    const times = { cron: '30 2 * * *', timeZone: 'Europe/Berlin' };
    expect(nextTime(times, at('2026-10-24T12:00Z'))).toBe(at('2026-10-25T00:30Z'));
    expect(nextTime(times, at('2026-10-25T00:30Z'))).toBe(at('2026-10-26T01:30Z'));
  });

  test('comes exactly once on each day of a year, whatever clocks do', () => {
    fc.assert(
      fc.property(years, zones, hours, fc.constantFrom(0, 15, 30), (year, timeZone, hour, minute) => {
        const clock = clockOf(timeZone);
        const [from, until] = [at(`${year}-01-02T12:00Z`), at(`${year}-12-30T12:00Z`)];
        const found = walk({ cron: `${minute} ${hour} * * *`, timeZone }, from, until);
        const days = found.map((time) => clock(time).slice(0, 10));
        expect(new Set(days).size).toBe(days.length);
        const first = toUtc(`${days[0]} 00:00`);
        expect(days).toEqual(
          days.map((_, index) => new Date(first + index * DAY).toISOString().slice(0, 10)),
        );
        expect(Math.abs(days.length - (until - from) / DAY)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 25 },
    );
  });
});

describe('a list of times', () => {
  test('loses none where clocks skip it', () => {
    const times = { cron: '30 2,14 * * *', timeZone: 'Europe/Berlin' };
    expect(walk(times, at('2026-03-28T23:00Z'), at('2026-03-29T21:59Z')).map(clockOf('UTC'))).toEqual([
      '2026-03-29 01:00',
      '2026-03-29 12:30',
    ]);
  });
});

describe('what is wrong', () => {
  test.each([
    ['0 6 * *', 'UTC', '"0 6 * *" has 4 fields, and a schedule has five.'],
    ['0 0 6 * * *', 'UTC', '"0 0 6 * * *" has 6 fields, and a schedule has five.'],
    ['@daily', 'UTC', '"@daily" has 1 field, and a schedule has five.'],
    ['', 'UTC', '"" has 0 fields, and a schedule has five.'],
    ['0 6 * * *', 'Mars/Olympus', 'There is no time zone "Mars/Olympus".'],
    ['0 6 * * *', '', 'There is no time zone "".'],
    ['99 6 * * *', 'UTC', '"99 6 * * *" is no cron expression.'],
    ['a b c d e', 'UTC', '"a b c d e" is no cron expression.'],
    ['0 0 30 2 *', 'UTC', '"0 0 30 2 *" never comes.'],
  ])('with %j in %j is said in a sentence', (cron, timeZone, problem) => {
    expect(problemOf({ cron, timeZone })).toBe(problem);
  });

  test.each([
    '0 6 * * *',
    '*/5 * * * *',
    '0 9 * * 1-5',
    '0 0 29 2 *',
    '0 0 L * *',
    '0 0 * * MON',
    ' 0  6 * * * ',
  ])('is nothing with %j', (cron) => {
    expect(problemOf({ cron, timeZone: 'Europe/Berlin' })).toBeNull();
  });
});
