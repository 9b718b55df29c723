import type { RunView, StepView } from '@nx-assets/console/wire';
import { expect, test } from 'vitest';
import { withRun, withSteps } from './patch.ts';

const run = (id: string, startedAt: number) => ({ id, startedAt, status: 'running' }) as RunView;
const step = (key: string, startedAt: number, partition: string | null = null, attempt = 1) =>
  ({ key, partition, startedAt, attempt }) as StepView;
const ids = (pages: readonly (readonly RunView[])[]) => pages.map((page) => page.map(({ id }) => id));

test('a run that begins stands at the top, and one that changes stays where it is', () => {
  const pages = [[run('c', 3), run('b', 2)], [run('a', 1)]];
  expect(ids(withRun(pages, run('d', 4)))).toEqual([['d', 'c', 'b'], ['a']]);
  const changed = withRun(pages, { ...run('a', 1), status: 'failed' });
  expect(ids(changed)).toEqual([['c', 'b'], ['a']]);
  expect(changed[1]?.[0]?.status).toBe('failed');
});

test('a run that is heard of late comes in its place; one older than the first page is not shown twice', () => {
  const pages = [[run('c', 3), run('a', 1)]];
  expect(ids(withRun(pages, run('b', 2)))).toEqual([['c', 'b', 'a']]);
  expect(ids(withRun(pages, run('0', 0)))).toEqual([['c', 'a']]);
  expect(ids(withRun([[]], run('a', 1)))).toEqual([['a']]);
});

test('steps change in place of what they were, and partitions are told apart', () => {
  const was = [step('a', 1), step('b', 2, '1'), step('b', 3, '2')];
  const now = withSteps(was, [step('b', 2, '1', 2), step('c', 0)]);
  expect(now.map(({ key, partition, attempt }) => [key, partition, attempt])).toEqual([
    ['c', null, 1],
    ['a', null, 1],
    ['b', '1', 2],
    ['b', '2', 1],
  ]);
});
