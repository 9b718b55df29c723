import { lastTimes, type ScheduleSpec } from '@nx-assets/core/automation';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Due, dueOf } from './due.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const at = (text: string) => Date.parse(text);
const iso = ({ run }: Due) => run.map((one) => new Date(one.at).toISOString().slice(0, 16));

const spec = (fields: Partial<ScheduleSpec> = {}): ScheduleSpec => ({
  ...{ cron: '0 * * * *', timeZone: 'UTC', catchUp: 'latest', limit: 100 },
  ...fields,
});

describe('what is due', () => {
  const [since, noon] = [at('2026-03-10T11:00Z'), at('2026-03-10T12:00Z')];

  test('is nothing until the time has come, and then that time', () => {
    expect(dueOf(spec(), since, noon - 1)).toEqual({ run: [], skipped: null });
    expect(dueOf(spec(), since, noon)).toEqual({
      run: [{ at: noon, because: 'due 2026-03-10 12:00 UTC' }],
      skipped: null,
    });
    expect(dueOf(spec(), noon, noon)).toEqual({ run: [], skipped: null });
  });

  test('is said as clocks of its zone show it', () => {
    const { run } = dueOf(spec({ timeZone: 'Asia/Kathmandu' }), since, at('2026-03-10T11:16Z'));
    expect(run).toEqual([{ at: at('2026-03-10T11:15Z'), because: 'due 2026-03-10 17:00 Asia/Kathmandu' }]);
  });

  test.each([
    [2 * MINUTE, ''],
    [2 * MINUTE + 1, ', 2 min late'],
    [25 * MINUTE, ', 25 min late'],
    [119 * MINUTE, ', 119 min late'],
    [3 * HOUR, ', 3 h late'],
    [47 * HOUR, ', 47 h late'],
    [9 * DAY, ', 9 days late'],
  ])('%d ms after its time is said to be late: %j', (late, text) => {
    const yearly = spec({ cron: '0 12 10 3 *' });
    expect(dueOf(yearly, since, noon + late).run[0]?.because).toBe(`due 2026-03-10 12:00 UTC${text}`);
  });
});

describe('after a day of sleep', () => {
  const [since, now] = [at('2026-03-10T12:00Z'), at('2026-03-11T12:30Z')];

  test('the latest is run, late, and the others are left out', () => {
    expect(dueOf(spec(), since, now)).toEqual({
      run: [{ at: at('2026-03-11T12:00Z'), because: 'due 2026-03-11 12:00 UTC, 30 min late' }],
      skipped: {
        at: at('2026-03-11T11:00Z'),
        because: '23 times left out: a later one was due as well, and it catches up with the latest alone',
      },
    });
  });

  test('nothing is run where it does not catch up', () => {
    expect(dueOf(spec({ catchUp: 'none' }), since, now)).toEqual({
      run: [],
      skipped: {
        at: at('2026-03-11T12:00Z'),
        because: '24 times left out: automation was not running then, and missed times are not made up',
      },
    });
  });

  test('what has come just now is run all the same', () => {
    const due = dueOf(spec({ catchUp: 'none' }), since, at('2026-03-11T12:02Z'));
    expect(iso(due)).toEqual(['2026-03-11T12:00']);
    expect(due.skipped).toMatchObject({ at: at('2026-03-11T11:00Z') });
    expect(iso(dueOf(spec({ catchUp: 'none' }), since, at('2026-03-11T12:02Z') + 1))).toEqual([]);
  });

  test('all are run, in order', () => {
    const due = dueOf(spec({ catchUp: 'all' }), since, now);
    expect(due.run).toHaveLength(24);
    expect(iso(due)).toEqual([...iso(due)].sort());
    expect(due.run[0]?.because).toBe('due 2026-03-10 13:00 UTC, 24 h late');
    expect(due.skipped).toBeNull();
  });

  test('of more than it may run, the last ones are', () => {
    const due = dueOf(spec({ catchUp: 'all', limit: 2 }), since, now);
    expect(iso(due)).toEqual(['2026-03-11T11:00', '2026-03-11T12:00']);
    expect(due.skipped).toEqual({
      at: at('2026-03-11T10:00Z'),
      because: '22 times left out: it catches up with 2 at most',
    });
  });

  test('one that is left out is said in the singular', () => {
    const due = dueOf(spec(), since, since + 2 * HOUR);
    expect(due.skipped?.because).toMatch(/^1 time left out: /);
  });
});

test('of times without number the last are looked at, in no time', () => {
  const [since, now] = [0, at('2026-03-10T12:00:30Z')];
  const each = { cron: '* * * * *' };
  expect(dueOf(spec(each), since, now)).toEqual({
    run: [{ at: at('2026-03-10T12:00Z'), because: 'due 2026-03-10 12:00 UTC' }],
    skipped: {
      at: at('2026-03-10T11:59Z'),
      because:
        'more than 999 times left out: a later one was due as well, and it catches up with the latest alone',
    },
  });
  expect(dueOf(spec({ ...each, catchUp: 'none' }), since, now + HOUR).skipped?.because).toMatch(/^more than/);
  const all = dueOf(spec({ ...each, catchUp: 'all' }), since, now);
  expect(all.run).toHaveLength(100);
  expect(all.skipped?.because).toBe('more than 900 times left out: it catches up with 100 at most');
});

describe('where clocks change', () => {
  const nightly = spec({ cron: '30 2 * * *', timeZone: 'Europe/Berlin', catchUp: 'all' });

  test('a time that they skip is run as soon as they have', () => {
    const due = dueOf(nightly, at('2026-03-28T12:00Z'), at('2026-03-29T12:00Z'));
    expect(iso(due)).toEqual(['2026-03-29T01:00']);
    expect(due.run[0]?.because).toMatch(/^due 2026-03-29 03:00 Europe\/Berlin/);
  });

  test('a time that they show twice is run once', () => {
    let until = at('2026-10-24T12:00Z');
    const run: string[] = [];
    // Somebody looks at each minute of it.
    for (let now = until; now < until + DAY; now += MINUTE) {
      const due = dueOf(nightly, until, now);
      run.push(...iso(due));
      until = due.run.at(-1)?.at ?? until;
    }
    expect(run).toEqual(['2026-10-25T00:30']);
  });
});

test('whoever goes on from where the last look ended sees each time once, and leaves none out unsaid', () => {
  const crons = fc.constantFrom('*/20 * * * *', '0 * * * *', '30 2 * * *', '15 2,14 * * 1-5');
  const policies = fc.constantFrom<Pick<ScheduleSpec, 'catchUp' | 'limit'>>(
    ...(['latest', 'none', 'all'] as const).map((catchUp) => ({ catchUp, limit: 100 })),
    { catchUp: 'all', limit: 3 },
  );
  const gaps = fc.array(fc.integer({ min: 0, max: 14 * HOUR }), { minLength: 1, maxLength: 12 });
  const starts = fc.constantFrom('2026-03-27T20:00Z', '2026-10-23T20:00Z', '2026-06-01T00:00Z').map(at);
  fc.assert(
    fc.property(crons, policies, gaps, starts, (cron, policy, waits, start) => {
      const given = spec({ cron, timeZone: 'Europe/Berlin', ...policy });
      let [until, now] = [start, start];
      for (const wait of waits) {
        now += wait;
        const due = dueOf(given, until, now);
        const times = lastTimes(given, until, now, 10_000);
        const left = Number(/^\d+/.exec(due.skipped?.because ?? '0')?.[0]);
        expect(due.run.map((one) => one.at)).toEqual(times.slice(times.length - due.run.length));
        expect(due.run.length + left).toBe(times.length);
        if (due.skipped) expect(due.skipped.at).toBe(times[left - 1]);
        if (policy.catchUp === 'all') expect(due.run).toHaveLength(Math.min(times.length, policy.limit));
        if (policy.catchUp === 'latest') expect(due.run).toHaveLength(Math.min(times.length, 1));
        until = Math.max(until, due.skipped?.at ?? 0, due.run.at(-1)?.at ?? 0);
        expect(until).toBe(times.at(-1) ?? until);
      }
    }),
    { numRuns: 60 },
  );
});
