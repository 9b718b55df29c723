import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextTime } from '../times.ts';
import { upstreamKeys } from './mapping.ts';
import { cronWindows, daily, hourly, type Partitions } from './partitions.ts';
import { partitionSet } from './set.ts';
import { zoneOf } from './zone.ts';

const LORD_HOWE = 'Australia/Lord_Howe';
const setAt = ({ spec }: Partitions, now = '2030-01-01T00:00Z') =>
  partitionSet(spec, { now: Date.parse(now), dynamicKeys: () => [] });
const ofDay = (set: ReturnType<typeof setAt>, day: string) => set.keys.filter((key) => key.startsWith(day));

describe('hours where clocks change by half of one', () => {
  test('go back: what clocks show twice is an hour, and half of one', () => {
    const hours = setAt(hourly({ start: '2026-04-04', end: '2026-04-08', timeZone: LORD_HOWE }));
    expect(ofDay(hours, '2026-04-05').slice(0, 5)).toEqual([
      '2026-04-05T00+1100',
      '2026-04-05T01+1100',
      '2026-04-05T0130+1030',
      '2026-04-05T0200+1030',
      '2026-04-05T0300+1030',
    ]);
    expect(ofDay(hours, '2026-04-06')).toHaveLength(24);
  });

  test('go on: the hour that is cut begins where clocks have gone to, and those after it at the hour', () => {
    const hours = setAt(hourly({ start: '2026-10-03', end: '2026-10-06', timeZone: LORD_HOWE }));
    expect(ofDay(hours, '2026-10-04').slice(0, 4)).toEqual([
      '2026-10-04T0000+1030',
      '2026-10-04T0100+1030',
      '2026-10-04T0230+1100',
      '2026-10-04T03+1100',
    ]);
    expect(hours.windowOf('2026-10-05T02+1100')?.start).toEqual(new Date('2026-10-05T02:00+11:00'));
  });

  test('and where they change within an hour by a whole one, also from a start that they skip', () => {
    const span = { end: '2026-09-29', timeZone: 'Pacific/Chatham' };
    const hours = setAt(hourly({ start: '2026-09-26', ...span }));
    const skipped = setAt(hourly({ start: '2026-09-27T03:00', ...span }));
    expect(skipped.keys[0]).toBe('2026-09-27T0400+1345');
    expect(skipped.keys).toEqual(hours.keys.slice(-skipped.keys.length));
  });

  test('are the hours of one day each, and the same wherever they start', () => {
    const span = { end: '2026-11-01', timeZone: LORD_HOWE };
    const days = setAt(daily({ start: '2026-03-01', ...span }));
    const hours = setAt(hourly({ start: '2026-03-01', ...span }));
    const sides = { own: days, dep: hours, custom: null };
    const found = days.keys.flatMap((day) => upstreamKeys({ kind: 'windows' }, sides, day));
    expect(found).toEqual(hours.keys);
    expect(
      days.keys.every((day) =>
        upstreamKeys({ kind: 'windows' }, sides, day).every((hour) => hour.startsWith(day)),
      ),
    ).toBe(true);
    for (const start of ['2026-04-05T02:00', '2026-04-20', '2026-10-04T02:00']) {
      const later = setAt(hourly({ start, ...span }));
      expect(later.keys).toEqual(hours.keys.slice(-later.keys.length));
      expect(later.boundsOf(later.keys[0] ?? '')).toEqual(hours.boundsOf(later.keys[0] ?? ''));
    }
  });
});

test.each([
  'UTC',
  'Europe/Berlin',
  'America/St_Johns',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  LORD_HOWE,
  'America/Havana',
  'Asia/Beirut',
  'Africa/Casablanca',
  'Pacific/Apia',
  'Pacific/Chatham',
])(
  'hours of several years in %s meet, have keys of their own, and begin where clocks show them',
  (timeZone) => {
    const set = setAt(hourly({ start: '2008-01-01', end: '2013-01-01', timeZone }));
    const zone = zoneOf(timeZone);
    expect(new Set(set.keys).size).toBe(set.keys.length);
    let last = set.boundsOf(set.keys[0] ?? '')?.[0];
    let odd = 0;
    for (const key of set.keys) {
      const [start, end] = set.boundsOf(key) ?? [NaN, NaN];
      if (start !== last) throw new Error(`${key} does not begin where the one before it ends.`);
      const minutes = (zone.local(start) / 60_000) % 60;
      const [, named = '0'] = /T\d\d(\d\d)?/.exec(key) ?? [];
      if (Number(named) !== minutes || end - start > 3_600_000)
        throw new Error(`${key} is not as clocks show it.`);
      if (minutes !== 0) odd++;
      last = end;
    }
    // Only at a change of the clocks by less than an hour.
    expect(odd).toBe(timeZone === LORD_HOWE ? 10 : 0);
  },
);

describe('windows of a cron expression', () => {
  /** When windows begin, and when a schedule is due. */
  const bothOf = (cron: string, timeZone: string, start: string, end: string) => {
    const set = setAt(cronWindows({ cron, timeZone, start, end }));
    const begins = set.keys.map((key) => set.boundsOf(key)?.[0]);
    const due: number[] = [];
    let time = zoneOf(timeZone).firstInstantOf(Date.parse(start)) - 1;
    while (due.length < begins.length) due.push((time = nextTime({ cron, timeZone }, time)));
    return { begins, due };
  };

  test.each(['0 2,14 * * *', '0 0-3 * * *', '30 1,2 * * *', '15 1,2,3 * * *', '0 2 * * *'])(
    '%s begin when a schedule is due, over both changes of a year',
    (cron) => {
      for (const timeZone of ['Europe/Berlin', LORD_HOWE]) {
        const { begins, due } = bothOf(cron, timeZone, '2026-03-01', '2026-11-15');
        expect(begins).toEqual(due);
        expect(begins.length).toBeGreaterThan(250);
      }
    },
  );

  test('that nobody thought of, too', () => {
    const list = (max: number) =>
      fc
        .uniqueArray(fc.integer({ min: 0, max }), { minLength: 1, maxLength: 3 })
        .map((all) => all.sort((a, b) => a - b).join(','));
    const hour = fc.oneof(list(23), list(4), fc.constantFrom('*', '*/2', '0-5'));
    // Each with a change of its clocks.
    const changes = fc.constantFrom(
      ['Europe/Berlin', '2026-03-27'],
      ['Europe/Berlin', '2026-10-23'],
      [LORD_HOWE, '2026-04-03'],
      [LORD_HOWE, '2026-10-02'],
      ['America/Havana', '2026-03-06'],
      ['America/Havana', '2026-10-30'],
      ['America/Santiago', '2026-04-03'],
      ['America/Santiago', '2026-09-04'],
    );
    fc.assert(
      fc.property(list(59), hour, changes, (minute, hours, [timeZone = '', start = '']) => {
        const end = new Date(Date.parse(start) + 6 * 86_400_000).toISOString().slice(0, 10);
        const { begins, due } = bothOf(`${minute} ${hours} * * *`, timeZone, start, end);
        expect(begins).toEqual(due);
        expect(begins.length).toBeGreaterThan(3);
      }),
      { numRuns: 60 },
    );
  });
});
