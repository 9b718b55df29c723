import { Cron } from 'croner';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cronWindows, daily, hourly, monthly, type TimeOptions, weekly } from './partitions.ts';
import { partitionSet } from './set.ts';
import type { TimeSpec } from './spec.ts';
import { windowAt, windowsOf } from './windows.ts';
import { zoneOf } from './zone.ts';

// With clocks that change at midnight (Beirut, Santiago, Havana, Asuncion), by half an hour (Lord Howe), by a whole day
// (Apia), twice within weeks (Casablanca), and not at all.
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Asia/Beirut',
  'America/Santiago',
  'America/Havana',
  'America/Asuncion',
  'Africa/Casablanca',
  'Pacific/Apia',
  'Pacific/Auckland',
];
const KINDS = {
  hour: hourly,
  day: daily,
  week: weekly,
  month: monthly,
  cron: (options: TimeOptions) => cronWindows({ ...options, cron: '30 */6 * * *' }),
};
const DAY = 86_400_000;
const specOf = (every: keyof typeof KINDS, options: TimeOptions) => KINDS[every](options).spec as TimeSpec;
const dates = fc
  .integer({ min: Date.UTC(2005, 0) / DAY, max: Date.UTC(2026, 0) / DAY })
  .map((day) => new Date(day * DAY).toISOString().slice(0, 10));
const cases = fc.record({
  every: fc.constantFrom(...(Object.keys(KINDS) as (keyof typeof KINDS)[])),
  timeZone: fc.constantFrom(...ZONES),
  start: dates,
  days: fc.integer({ min: 0, max: 400 }),
});

describe('windows', () => {
  test('follow each other without a gap, have keys of their own, and have ended', () => {
    fc.assert(
      fc.property(cases, ({ every, timeZone, start, days }) => {
        const now = Date.parse(start) + days * DAY;
        const { keys, bounds } = windowsOf(specOf(every, { start, timeZone }), now);
        expect(new Set(keys).size).toBe(keys.length);
        expect(bounds.length).toBe(keys.length === 0 ? 0 : keys.length + 1);
        bounds.slice(1).forEach((bound, at) => expect(bound).toBeGreaterThan(bounds[at] ?? Infinity));
        expect(bounds.at(-1) ?? 0).toBeLessThanOrEqual(now);
      }),
    );
  });

  test('every instant from the first to the last is in exactly the window that says so', () => {
    fc.assert(
      fc.property(
        cases,
        fc.double({ min: 0, max: 1, noNaN: true }),
        ({ every, timeZone, start, days }, share) => {
          const set = partitionSet(specOf(every, { start, timeZone }), {
            now: Date.parse(start) + days * DAY,
            dynamicKeys: () => [],
          });
          const first = set.windowOf(set.keys[0] ?? '')?.start.getTime();
          const last = set.windowOf(set.keys.at(-1) ?? '')?.end.getTime();
          if (first === undefined || last === undefined) return;
          const instant = Math.min(Math.floor(first + share * (last - first)), last - 1);
          const within = set.overlapping({ start: new Date(instant), end: new Date(instant + 1) });
          expect(within.length).toBe(1);
          const window = set.windowOf(within[0] ?? '');
          expect(window?.start.getTime()).toBeLessThanOrEqual(instant);
          expect(window?.end.getTime()).toBeGreaterThan(instant);
        },
      ),
    );
  });

  test('of days begin where the local date does, as another reader of the time-zone data sees it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), dates, (timeZone, start) => {
        const { keys, bounds } = windowsOf(specOf('day', { start, timeZone }), Date.parse(start) + 40 * DAY);
        const local = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' });
        keys.forEach((key, at) => {
          expect(local.format(bounds[at])).toBe(key);
          // In Havana clocks go from one o'clock back to midnight: never into the day before.
          expect(local.format((bounds[at] ?? 0) - 1) < key).toBe(true);
        });
      }),
    );
  });

  test('that a cron expression begins are those of its library', () => {
    const spec = specOf('cron', { start: '2026-03-20', timeZone: 'Europe/Berlin' });
    const { bounds } = windowsOf(spec, Date.UTC(2026, 3, 2));
    const cron = new Cron('30 */6 * * *', { timezone: 'Europe/Berlin' });
    const expected = cron.nextRuns(bounds.length, new Date('2026-03-19T23:00:00Z')).map(Number);
    expect(bounds).toEqual(expected);
  });

  test('are found by an instant, the nearest where it is outside of all', () => {
    const windows = windowsOf(specOf('day', { start: '2026-01-01', end: '2026-01-04' }), Infinity);
    const at = (text: string) => windows.keys[windowAt(windows, Date.parse(text))];
    expect(at('2026-01-02T00:00Z')).toBe('2026-01-02');
    expect(at('2026-01-01T23:59Z')).toBe('2026-01-01');
    expect(at('2025-01-01T00:00Z')).toBe('2026-01-01');
    expect(at('2027-01-01T00:00Z')).toBe('2026-01-03');
    expect(windowAt({ keys: [], bounds: [] }, 0)).toBe(-1);
  });
});

describe('when clocks change', () => {
  const windows = (every: keyof typeof KINDS, start: string, end: string, timeZone: string) =>
    windowsOf(specOf(every, { start, end, timeZone }), Infinity);
  const hours = ({ bounds }: { readonly bounds: readonly number[] }) =>
    bounds.slice(1).map((bound, at) => (bound - (bounds[at] ?? 0)) / 3_600_000);

  test('a day has 23 hours in spring and 25 in autumn', () => {
    expect(hours(windows('day', '2026-03-28', '2026-03-31', 'Europe/Berlin'))).toEqual([24, 23, 24]);
    expect(hours(windows('day', '2026-10-24', '2026-10-27', 'Europe/Berlin'))).toEqual([24, 25, 24]);
  });

  test('the hour that is there twice has two keys, and the one that is skipped none', () => {
    const autumn = windows('hour', '2026-10-25T01:00', '2026-10-25T04:00', 'Europe/Berlin').keys;
    expect(autumn).toEqual([
      '2026-10-25T01+0200',
      '2026-10-25T02+0200',
      '2026-10-25T02+0100',
      '2026-10-25T03+0100',
    ]);
    const spring = windows('hour', '2026-03-29T01:00', '2026-03-29T04:00', 'Europe/Berlin').keys;
    expect(spring).toEqual(['2026-03-29T01+0100', '2026-03-29T03+0200']);
  });

  test('a day that begins at one o’clock is a day', () => {
    const { keys, bounds } = windows('day', '2024-03-30', '2024-04-02', 'Asia/Beirut');
    expect(keys).toEqual(['2024-03-30', '2024-03-31', '2024-04-01']);
    expect(zoneOf('Asia/Beirut').local(bounds[1] ?? 0)).toBe(Date.parse('2024-03-31T01:00Z'));
  });

  test('a day that a country leaves out has no window', () => {
    const { keys } = windows('day', '2011-12-28', '2012-01-02', 'Pacific/Apia');
    expect(keys).toEqual(['2011-12-28', '2011-12-29', '2011-12-31', '2012-01-01']);
  });

  test('weeks and months begin at local midnight', () => {
    expect(windows('week', '2026-01-01', '2026-02-01', 'UTC').keys).toEqual([
      '2026-01-05',
      '2026-01-12',
      '2026-01-19',
    ]);
    expect(windows('month', '2026-01-15', '2026-06-01', 'Europe/Berlin').keys).toEqual([
      '2026-02',
      '2026-03',
      '2026-04',
      '2026-05',
    ]);
    const sundays = weekly({ start: '2026-01-01', end: '2026-01-19', weekStart: 'sunday' }).spec as TimeSpec;
    expect(windowsOf(sundays, Infinity).keys).toEqual(['2026-01-04', '2026-01-11']);
  });

  test('offsets are found at every instant, seconds included', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.integer({ min: Date.UTC(1990, 0), max: Date.UTC(2037, 0) }),
        (name, instant) => {
          const second = Math.floor(instant / 1_000) * 1_000;
          const text = new Intl.DateTimeFormat('sv-SE', {
            timeZone: name,
            dateStyle: 'short',
            timeStyle: 'medium',
          }).format(second);
          expect(zoneOf(name).local(second)).toBe(Date.parse(`${text.replace(' ', 'T')}Z`));
        },
      ),
    );
  });
});

test('a hundred thousand hours are there at once', () => {
  const spec = specOf('hour', { start: '2014-01-01', timeZone: 'Europe/Berlin' });
  expect(windowsOf(spec, Date.UTC(2026, 0)).keys.length).toBeGreaterThan(100_000);
});
