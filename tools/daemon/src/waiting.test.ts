import { daily, hourly, monthly, weekly } from '@nx-assets/core';
import {
  allUpstreams,
  anyUpstream,
  type Condition,
  eager,
  inProgress,
  missing,
  not,
  onMissing,
} from '@nx-assets/core/automation';
import { manifestOf } from '@nx-assets/engine/contracts';
import { expect, test } from 'vitest';
import { decideConditions } from './decide-conditions.ts';
import { evaluate } from './evaluate.ts';
import { key, MemoryState } from './test-support.ts';

const weeks = manifestOf('lab/weeks', { partitions: weekly({ start: '2026-09-07' }).spec });
const months = manifestOf('lab/months', {
  partitions: monthly({ start: '2026-10-01' }).spec,
  deps: { weeks },
});
const summary = manifestOf('lab/summary', { deps: { months } });

function decided(state: MemoryState, now: number, name: string, condition: Condition) {
  return decideConditions([{ name: key(name), condition }], {
    states: new Map(),
    view: state,
    now,
    isKnown: () => false,
  });
}

test('a month waits for its last week, and says so; it is asked for as soon as that exists', () => {
  const before = Date.parse('2026-11-01T00:01Z');
  const state = new MemoryState([weeks, months], before);
  for (const week of ['2026-09-28', '2026-10-05', '2026-10-12', '2026-10-19']) state.make('lab/weeks', week);
  const waiting = decided(state, before, 'lab/months', eager());
  expect(waiting.requests).toEqual([]);
  expect(waiting.ticks).toMatchObject([
    {
      outcome: 'nothing',
      because: '2026-10: it is missing, and waits for lab/weeks [2026-10-26], which does not exist',
    },
  ]);
  const after = Date.parse('2026-11-02T00:01Z');
  const { requests } = decided(new MemoryState([weeks, months], after), after, 'lab/months', eager());
  expect(requests.map(({ target }) => target.partition)).toEqual(['2026-10']);
});

test('what would have to make such a month first waits for its week, too', () => {
  const now = Date.parse('2026-11-01T00:01Z');
  const state = new MemoryState([weeks, months, summary], now);
  const { requests, ticks } = decided(state, now, 'lab/summary', onMissing());
  expect(requests).toEqual([]);
  expect(ticks[0]?.because).toBe('it is missing, and waits for lab/weeks [2026-10-26], which does not exist');
  // A month that is there needs nothing.
  state.make('lab/months', '2026-10');
  expect(decided(state, now, 'lab/summary', onMissing()).requests).toHaveLength(1);
});

test('of many partitions those are asked for that can be made', () => {
  const days = manifestOf('lab/days', { partitions: daily({ start: '2026-11-24' }).spec });
  const hours = manifestOf('lab/hours', {
    partitions: hourly({ start: '2026-11-24T21:00' }).spec,
    deps: { days },
  });
  const now = Date.parse('2026-11-25T03:30Z');
  const { requests } = decided(new MemoryState([days, hours], now), now, 'lab/hours', onMissing());
  expect(requests.map(({ target }) => target.partition)).toEqual([
    '2026-11-24T21,2026-11-24T22,2026-11-24T23',
  ]);
});

test('a partition that does not exist is a missing upstream, and nobody is making it', () => {
  const now = Date.parse('2026-11-01T00:01Z');
  const state = new MemoryState([weeks, months], now);
  for (const week of ['2026-09-28', '2026-10-05', '2026-10-12', '2026-10-19']) state.make('lab/weeks', week);
  const october = { key: key('lab/months'), partition: '2026-10' };
  const look = (condition: Condition) => evaluate(condition, october, { view: state, now, since: now });
  expect(look(anyUpstream(missing()))).toMatchObject({
    held: true,
    because: 'of lab/weeks [2026-10-26]: it does not exist yet',
  });
  expect(look(allUpstreams(not(missing()))).held).toBe(false);
  state.making('lab/weeks', '2026-10-26', 'run r');
  expect(look(anyUpstream(inProgress())).held).toBe(false);
  // A file of that name is no partition.
  state.make('lab/weeks', '2026-10-26');
  expect(look(anyUpstream(missing())).held).toBe(true);
});

test('a long chain waits for what the first of it waits for', () => {
  const days = manifestOf('lab/days', { partitions: daily({ start: '1996-01-02' }).spec });
  const chain = manifestOf('lab/chain', {
    partitions: daily({ start: '1996-01-01' }).spec,
    deps: { days },
    previous: 'before',
  });
  const now = Date.parse('2026-01-04T00:01Z');
  const state = new MemoryState([days, chain], now);
  const first = 'which does not exist';
  expect(decided(state, now, 'lab/chain', eager()).ticks[0]?.because).toContain(
    `2026-01-03: it is missing, and waits for lab/days [1996-01-01], ${first}`,
  );
  state.make('lab/chain', '2026-01-02');
  expect(decided(state, now, 'lab/chain', eager()).requests).toHaveLength(1);
});
