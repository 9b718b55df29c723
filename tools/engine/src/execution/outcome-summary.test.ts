import { assetKey } from '@nx-assets/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../events.ts';
import { OutcomeSummary } from './outcome-summary.ts';

const key = assetKey('lab', 'days');
const STATUSES = ['failed', 'cancelled', 'blocked', 'materialized', 'up-to-date'] as const;

const outcome = (given: Partial<Outcome> = {}): Outcome => ({
  key,
  partition: 'p',
  status: 'materialized',
  reasons: [{ kind: 'missing' }],
  changed: true,
  rowCount: 1,
  bytes: 10,
  startedAt: 100,
  finishedAt: 200,
  error: null,
  checks: [],
  announcements: [],
  ...given,
});
const summed = (outcomes: readonly Outcome[]): Outcome => {
  const summary = new OutcomeSummary(key);
  for (const one of outcomes) summary.add(one);
  return summary.outcome(999);
};
const failure = (message: string) => ({ code: 'X', blame: 'author', message, stack: null });

describe('what all partitions came to', () => {
  test('of none is that nothing was to be done', () => {
    expect(summed([])).toEqual({
      key,
      partition: null,
      status: 'up-to-date',
      reasons: [{ kind: 'unchanged' }],
      changed: false,
      rowCount: null,
      bytes: 0,
      startedAt: 999,
      finishedAt: 999,
      error: null,
      checks: [],
      announcements: [],
      partitions: { counts: {}, failed: [] },
    });
  });

  test('adds rows and bytes, spans all times and says each announcement once', () => {
    const found = summed([
      outcome({ rowCount: 2, bytes: 5, startedAt: 30, finishedAt: 40, announcements: ['api', 'disk'] }),
      outcome({ rowCount: null, bytes: null, startedAt: 10, finishedAt: 20, announcements: ['api'] }),
      outcome({ rowCount: 3, bytes: 7, startedAt: 20, finishedAt: 90 }),
    ]);
    expect(found).toMatchObject({ rowCount: 5, bytes: 12, startedAt: 10, finishedAt: 90 });
    expect(found.announcements).toEqual(['api', 'disk']);
    expect(summed([outcome({ rowCount: null })]).rowCount).toBeNull();
  });

  test('is as grave as the gravest of them, in whatever order they end', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...STATUSES), { minLength: 1, maxLength: 12 }), (statuses) => {
        const found = summed(statuses.map((status) => outcome({ status })));
        expect(found.status).toBe(STATUSES.find((status) => statuses.includes(status)));
        const counts = STATUSES.flatMap((status) => {
          const count = statuses.filter((one) => one === status).length;
          return count === 0 ? [] : [[status, count]];
        });
        expect(found.partitions?.counts).toEqual(Object.fromEntries(counts));
      }),
    );
  });

  test('has the reasons, the error and the checks of the first of the gravest', () => {
    const check = {
      name: 'c',
      description: 'd',
      severity: 'error',
      passed: false,
      facts: {},
      rows: [],
    } as const;
    const found = summed([
      outcome(),
      outcome({ status: 'failed', reasons: [{ kind: 'forced' }], error: failure('one'), checks: [check] }),
      outcome({ status: 'failed', error: failure('two') }),
    ]);
    expect(found).toMatchObject({ reasons: [{ kind: 'forced' }], error: failure('one'), checks: [check] });
  });

  test('tells failures in the order of their keys, in whatever order they end', () => {
    const days = ['01', '02', '03'].map((partition) =>
      outcome({ partition, status: 'failed', error: failure(partition) }),
    );
    fc.assert(
      fc.property(fc.shuffledSubarray(days, { minLength: 3 }), (ended) => {
        const found = summed([outcome({ partition: '00' }), ...ended]);
        expect(found.error).toEqual(failure('01'));
        expect(found.partitions?.failed.map(({ partition }) => partition)).toEqual(['01', '02', '03']);
      }),
    );
  });

  test('has changed when one has, or was not there before', () => {
    const changed = (...each: (boolean | null)[]) =>
      summed(each.map((one) => outcome({ changed: one }))).changed;
    expect([changed(false), changed(false, false)]).toEqual([false, false]);
    expect([changed(true, false), changed(false, true), changed(null, false)]).toEqual([true, true, true]);
    const reused = outcome({ status: 'up-to-date', changed: false });
    expect(summed([reused]).changed).toBe(false);
    expect(summed([reused, outcome({ changed: true }), reused]).changed).toBe(true);
  });

  test('names the first twenty that failed, and counts all', () => {
    const summary = new OutcomeSummary(key);
    expect(summary.failed).toBe(0);
    for (let at = 0; at < 25; at++) {
      summary.add(outcome({ partition: `p${at}`, status: 'failed', error: failure(String(at)) }));
    }
    expect(summary.failed).toBe(25);
    const { partitions } = summary.outcome(0);
    expect(partitions?.counts).toEqual({ failed: 25 });
    expect(partitions?.failed).toHaveLength(20);
    expect(partitions?.failed).toContainEqual({ partition: 'p19', error: failure('19') });
  });
});
