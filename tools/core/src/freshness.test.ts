import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Freshness, freshnessAt, type FreshnessPolicy, milliseconds, toFreshness } from './freshness.ts';

describe('durations', () => {
  test.each([
    ['90s', 90_000],
    ['15m', 900_000],
    ['1h', 3_600_000],
    ['7d', 604_800_000],
    ['0.5h', 1_800_000],
  ])('%s is %i ms', (text, expected) => {
    expect(milliseconds(text)).toBe(expected);
  });

  test('grow with their number', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.constantFrom('s', 'm', 'h', 'd'),
        (number, unit) => {
          expect(milliseconds(`${number}${unit}`)).toBe(number * milliseconds(`1${unit}`));
        },
      ),
    );
  });

  test.each(['', '1', 'h', '0s', '-1h', '1 h', '1.h', '1w', '1h30m', 'NaNs', '1e3s', ' 1h', '1h\n'])(
    '%j is refused with examples',
    (text) => {
      expect(() => milliseconds(text)).toThrow(
        /^ASSET_OPTION_INVALID: .* is not a duration\. .*90s, 15m, 1h or 7d/s,
      );
    },
  );
});

const HOUR = 3_600_000;
const at = (text: string) => Date.parse(text);

describe('a policy', () => {
  test.each<[FreshnessPolicy, Freshness]>([
    [{ maxAge: '1h' }, { kind: 'age', due: HOUR, overdue: HOUR }],
    [
      { maxAge: '1h', overdueAfter: '2h' },
      { kind: 'age', due: HOUR, overdue: 2 * HOUR },
    ],
    [{ deadline: '0 9 * * *' }, { kind: 'deadline', cron: '0 9 * * *', timeZone: 'UTC', window: HOUR }],
    [
      { deadline: '@daily', timeZone: 'Asia/Tokyo', window: '90m' },
      { kind: 'deadline', cron: '@daily', timeZone: 'Asia/Tokyo', window: 1.5 * HOUR },
    ],
  ])('%j as data', (policy, data) => {
    expect(toFreshness(policy)).toEqual(data);
  });

  test.each<[FreshnessPolicy, string]>([
    [{ maxAge: '2h', overdueAfter: '1h' }, 'overdueAfter, 1h, is shorter than maxAge, 2h.'],
    [{ deadline: '99 * * * *' }, '"99 * * * *" in "UTC" is no cron expression.'],
    [{ deadline: 'daily' }, '"daily" in "UTC" is no cron expression.'],
    [{ deadline: '' }, '"" in "UTC" is no cron expression.'],
    [{ deadline: '0 9 * * *', timeZone: 'Mars/Olympus' }, '"0 9 * * *" in "Mars/Olympus" is no cron'],
    [{ deadline: '0 9 * * *', window: '1 hour' as '1h' }, '"1 hour" is not a duration.'],
  ])('%j is refused', (policy, message) => {
    expect(() => toFreshness(policy)).toThrow(message);
  });
});

describe('the age of data', () => {
  const policy = toFreshness({ maxAge: '1h', overdueAfter: '3h' });
  test.each([
    [-1, 'overdue'], // the clock was set back
    [0, 'fresh'],
    [HOUR - 1, 'fresh'],
    [HOUR, 'due'],
    [3 * HOUR - 1, 'due'],
    [3 * HOUR, 'overdue'],
  ])('%i ms old, it is %s', (age, state) => {
    expect(freshnessAt(policy, 0, age)).toBe(state);
  });
});

describe('a deadline', () => {
  // Nine o'clock in Berlin from Monday to Friday; data of the two hours before counts.
  const policy = toFreshness({ deadline: '0 9 * * 1-5', timeZone: 'Europe/Berlin', window: '2h' });
  test.each([
    // Winter: nine o'clock is 08:00Z. 2026-01-05 is a Monday.
    ['2026-01-05T06:00:00Z', '2026-01-06T05:59:59Z', 'fresh'],
    ['2026-01-05T06:00:00Z', '2026-01-06T06:00:00Z', 'due'],
    ['2026-01-05T06:00:00Z', '2026-01-06T07:59:59Z', 'due'],
    ['2026-01-05T06:00:00Z', '2026-01-06T08:00:00Z', 'overdue'],
    ['2026-01-05T05:59:59Z', '2026-01-05T07:00:00Z', 'due'],
    // From Friday it holds over the weekend, until Monday.
    ['2026-01-09T07:00:00Z', '2026-01-12T05:59:59Z', 'fresh'],
    ['2026-01-09T07:00:00Z', '2026-01-12T08:00:00Z', 'overdue'],
    // The clocks go forward on Sunday 2026-03-29: nine o'clock is 07:00Z from then on.
    ['2026-03-27T07:00:00Z', '2026-03-30T04:59:59Z', 'fresh'],
    ['2026-03-27T07:00:00Z', '2026-03-30T05:00:00Z', 'due'],
    ['2026-03-27T07:00:00Z', '2026-03-30T07:00:00Z', 'overdue'],
    // And back on Sunday 2026-10-25.
    ['2026-10-23T06:00:00Z', '2026-10-26T05:59:59Z', 'fresh'],
    ['2026-10-23T06:00:00Z', '2026-10-26T08:00:00Z', 'overdue'],
  ])('data from %s is at %s %s', (from, now, state) => {
    expect(freshnessAt(policy, at(from), at(now))).toBe(state);
  });

  test('data never gets younger again by waiting', () => {
    const order = ['fresh', 'due', 'overdue'];
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 400 * 24 }),
        fc.array(fc.integer({ min: 0, max: 20 * 24 }), { minLength: 2, maxLength: 5 }),
        (start, waits) => {
          const from = at('2026-01-01T00:00:00Z') + start * HOUR;
          const states = [...waits]
            .sort((a, b) => a - b)
            .map((wait) => freshnessAt(policy, from, from + wait * HOUR));
          const ranks = states.map((state) => order.indexOf(state));
          expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
        },
      ),
    );
  });

  test('that never comes leaves data fresh', () => {
    const never = toFreshness({ deadline: '0 0 30 2 *' });
    expect(freshnessAt(never, 0, at('2026-01-01T00:00:00Z'))).toBe('fresh');
  });
});
