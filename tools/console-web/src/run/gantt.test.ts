import type { StepView } from '@nx-assets/console/wire';
import { expect, test } from 'vitest';
import { ganttRows, ticksOf, withUpstream } from './gantt.ts';

const step = (key: string, more: Partial<StepView>): StepView => ({
  runId: 'r',
  key,
  partition: null,
  status: 'materialized',
  attempt: 1,
  startedAt: 1_000,
  finishedAt: 1_500,
  why: '',
  changed: null,
  rowCount: null,
  bytes: null,
  failure: null,
  source: null,
  logLines: 0,
  ...more,
});

test('rows come in the order in which assets began, with what waits at the end', () => {
  const steps = [
    step('b', { startedAt: 1_200 }),
    step('a', {}),
    step('c', { status: 'running', finishedAt: null }),
  ];
  const { rows, until } = ganttRows(steps, ['a', 'b', 'c', 'd'], { startedAt: 900, finishedAt: null }, 2_900);
  expect(rows.map(({ key, state, from, to }) => [key, state, from, to])).toEqual([
    ['a', 'ran', 100, 600],
    ['c', 'running', 100, 2_000],
    ['b', 'ran', 300, 600],
    ['d', 'waiting', 2_000, 2_000],
  ]);
  expect(until).toBe(2_000);
});

test('partitions are one row that shows the worst of them; a run that has ended has nothing that waits', () => {
  const steps = [
    step('a', { partition: '1' }),
    step('a', { partition: '2', status: 'failed', startedAt: 1_400, finishedAt: 1_900 }),
  ];
  const { rows } = ganttRows(steps, ['a', 'z'], { startedAt: 1_000, finishedAt: 2_000 }, 9_999);
  expect(rows.map(({ key, state, from, to }) => [key, state, from, to])).toEqual([['a', 'failed', 0, 900]]);
});

test('a clock that was set back gives no negative bars', () => {
  const steps = [step('a', { startedAt: 500, finishedAt: 400 })];
  const { rows } = ganttRows(steps, [], { startedAt: 1_000, finishedAt: 2_000 }, 0);
  expect(rows[0]).toMatchObject({ from: 0, to: 0 });
});

test('an axis has round times, and not too many', () => {
  expect(ticksOf(4_300, 6)).toEqual([0, 1_000, 2_000, 3_000, 4_000]);
  for (const until of [1, 30, 999, 61_000, 3_600_000, 90_000_000])
    expect(ticksOf(until, 8).length).toBeLessThan(11);
});

test('what came from the cache stands at the beginning, whenever Nx said so', () => {
  const steps = [
    step('b', {}),
    step('a', { status: 'up-to-date', source: 'local', startedAt: 1_900, finishedAt: 1_900 }),
  ];
  const { rows } = ganttRows(steps, [], { startedAt: 900, finishedAt: 2_000 }, 0);
  expect(rows.map(({ key, from, to }) => [key, from, to])).toEqual([
    ['a', 0, 0],
    ['b', 100, 600],
  ]);
});

test('an opened asset has a row for each partition below its own', () => {
  const steps = [
    step('a', { partition: '1' }),
    step('a', { partition: '2', status: 'failed' }),
    step('b', {}),
  ];
  const { rows } = ganttRows(steps, [], { startedAt: 900, finishedAt: 2_000 }, 0, new Set(['a']));
  expect(rows.map(({ key, partition, state }) => [key, partition, state])).toEqual([
    ['a', null, 'failed'],
    ['a', '1', 'ran'],
    ['a', '2', 'failed'],
    ['b', null, 'ran'],
  ]);
});

test('an asset may have more partitions than a call has arguments', () => {
  const steps = Array.from({ length: 200_000 }, (_, at) => step('a', { partition: String(at) }));
  const { rows } = ganttRows(steps, [], { startedAt: 900, finishedAt: 2_000 }, 0);
  expect(rows).toMatchObject([{ from: 100, to: 600 }]);
});

test('what waits is also what the requested is made from, and what must hold before', () => {
  const asset = (key: string, deps: string[], blockingChecks: string[] = []) => ({
    key,
    deps,
    blockingChecks,
  });
  const assets = [
    asset('g/a', []),
    asset('g/b', ['g/a']),
    asset('g/other', []),
    asset('g/c', ['g/b'], ['g/checked']),
    asset('g/checked', ['g/gone']),
  ];
  expect(withUpstream(['g/c'], assets)).toEqual(['g/a', 'g/b', 'g/c', 'g/checked']);
  expect(withUpstream(['g/op'], assets)).toEqual(['g/op']);
});
