import type { Json } from '@nx-assets/core';
import {
  and,
  codeChanged,
  type Condition,
  cron,
  dataChanged,
  eager,
  latestWindow,
  missing,
  not,
  onCron,
  onMissing,
  or,
} from '@nx-assets/core/automation';
import { afterDays, DAYS, DAYS_AND_REGIONS, manifestOf } from '@nx-assets/engine/contracts';
import type { RequestStatus } from '@nx-assets/event-log';
import { beforeEach, describe, expect, test } from 'vitest';
import { decideConditions } from './decide-conditions.ts';
import { key, MemoryState } from './test-support.ts';

const users = manifestOf('lab/users');
const report = manifestOf('lab/report', { deps: { users } });
const days = manifestOf('lab/days', { partitions: DAYS, deps: { users } });
const both = manifestOf('lab/both', { partitions: DAYS_AND_REGIONS });
const start = afterDays(3);
const MINUTE = 60_000;

let memory: MemoryState;
let states: Map<string, Json>;
let now: number;
beforeEach(() => {
  memory = new MemoryState([users, report, days, both], start);
  states = new Map();
  now = start;
});

/** One turn, a minute after the last; what it asked for is pending then. */
function turn(conditions: Readonly<Record<string, Condition>>) {
  const assets = Object.entries(conditions).map(([name, condition]) => ({ name: key(name), condition }));
  const isKnown = (id: string) => memory.requested(id) !== null;
  const decided = decideConditions(assets, { states, view: memory, now, isKnown });
  states = new Map([...states, ...decided.states]);
  for (const { id } of decided.requests) memory.became(id, 'pending');
  now += MINUTE;
  const [tick] = decided.ticks;
  return { ...decided, ids: decided.requests.map(({ id }) => id), because: tick?.because ?? '' };
}
const end = (id: string | undefined, status: RequestStatus) => memory.became(id ?? '', status);

describe('a condition that holds', () => {
  const wanted = { 'lab/report': or(missing(), dataChanged(), codeChanged()) };

  test('is asked for at the first look, and the request says why', () => {
    const { requests, ticks } = turn(wanted);
    expect(requests).toEqual([
      {
        ...{ id: 'conditions@2026-03-04T00:00:00.000Z', name: 'conditions', at: start },
        because: 'lab/report: it is missing',
        target: { job: null, select: 'lab/report', assets: ['lab/report'], partition: null, config: {} },
      },
    ]);
    expect(ticks).toMatchObject([
      {
        ...{ name: 'lab/report', kind: 'condition', at: start, outcome: 'requested' },
        ...{ because: 'it is missing', request: requests[0]?.id },
        detail: { kind: 'or', held: true, of: [{ kind: 'missing' }, { held: false }, { held: false }] },
      },
    ]);
  });

  test.each<readonly [RequestStatus, string]>([
    ['pending', 'it is missing: it is asked for already'],
    ['running', 'it is missing: it is asked for already'],
    ['failed', 'it is missing: it was asked for and failed; nothing has changed since'],
    ['cancelled', 'it is missing: it was asked for and cancelled; nothing has changed since'],
    ['succeeded', 'it is missing: it was asked for and succeeded; nothing has changed since'],
  ])('for the same cause is asked for once, whatever became of it: %s', (status, because) => {
    const { ids } = turn(wanted);
    end(ids[0], status);
    for (let again = 0; again < 3; again++) {
      const { requests, ticks, states: kept } = turn(wanted);
      expect(requests).toEqual([]);
      expect(ticks).toMatchObject([{ outcome: 'nothing', because, request: null }]);
      expect(kept.size).toBe(0);
    }
  });

  test('is not asked for again where its request is forgotten', () => {
    const { ids } = turn(wanted);
    const other = new MemoryState([users, report, days], start);
    expect(ids).toHaveLength(1);
    memory = other;
    expect(turn(wanted)).toMatchObject({
      ...{ ids: [], because: 'it is missing: it was asked for, and nothing has changed since' },
    });
  });

  test('is asked for again where the run is lost', () => {
    const { ids } = turn(wanted);
    end(ids[0], 'lost');
    const again = turn(wanted);
    expect(again.ids).toHaveLength(1);
    expect(again.ids).not.toEqual(ids);
    expect(again.because).toBe('it is missing, and the run that was asked for is lost');
    expect(turn(wanted).ids).toEqual([]);
  });

  test('is asked for again where the cause is another: the code, or what it is made of', () => {
    end(turn(wanted).ids[0], 'failed');
    memory.edit('lab/report', 'v2');
    end(turn(wanted).ids[0], 'failed');
    expect(turn(wanted).ids).toEqual([]);
    memory.make('lab/users');
    const third = turn(wanted);
    expect([third.ids.length, third.because]).toEqual([1, 'it is missing']);
  });

  test('with another cause waits for the run that it asked for, which may take it in', () => {
    const { ids } = turn(wanted);
    memory.make('lab/users');
    end(ids[0], 'running');
    expect(turn(wanted)).toMatchObject({ ids: [], because: 'it is missing: it is asked for already' });
    end(ids[0], 'failed');
    expect(turn(wanted).ids).toHaveLength(1);
  });

  test('is asked for again after it has stopped holding, for the same cause too', () => {
    end(turn(wanted).ids[0], 'succeeded');
    memory.make('lab/report');
    const { ids, because } = turn(wanted);
    expect(ids).toEqual([]);
    expect(because).toMatch(/^unchanged: /);
    memory.lose('lab/report');
    expect(turn(wanted).ids).toHaveLength(1);
  });
});

describe('a time', () => {
  const daily = { 'lab/users': onCron('10 0 * * *') };

  test('is nothing at the first look, and is asked for once when it has come', () => {
    expect(turn(daily).ids).toEqual([]);
    now = start + 10 * MINUTE - 1;
    expect(turn(daily).ids).toEqual([]);
    now = start + 10 * MINUTE;
    expect(turn(daily)).toMatchObject({
      ids: [expect.any(String)],
      because: 'it was due 2026-03-04 00:10 UTC',
    });
    expect(turn(daily).because).toBe('it is not 10 0 * * * (UTC) yet');
  });

  test('of several that have passed is asked for once', () => {
    turn(daily);
    now = start + 5 * 24 * 60 * MINUTE;
    expect(turn(daily).ids).toHaveLength(1);
    expect(turn(daily).ids).toEqual([]);
  });

  test('that comes while it is being made waits until it is', () => {
    turn(daily);
    memory.making('lab/users', null, 'run r1');
    now = start + 10 * MINUTE;
    expect(turn(daily).because).toBe('run r1 is making it');
    memory.making('lab/users', null, null);
    expect(turn(daily).ids).toHaveLength(1);
  });

  test('comes again when the clock was set back', () => {
    turn(daily);
    now = start + 400 * 24 * 60 * MINUTE;
    turn(daily);
    now = start;
    expect(turn(daily).ids).toEqual([]);
    now = start + 10 * MINUTE;
    expect(turn(daily).ids).toHaveLength(1);
  });
});

describe('partitions', () => {
  test('each are asked, and those that are wanted are one run', () => {
    memory.make('lab/days', '2026-03-02');
    const { requests, ticks } = turn({ 'lab/days': missing() });
    expect(requests).toMatchObject([{ target: { partition: '2026-03-01,2026-03-03' } }]);
    expect(ticks).toMatchObject([{ because: '2026-03-01 and 2026-03-03: it is missing' }]);
    expect(turn({ 'lab/days': missing() }).because).toBe(
      'none of 3 partitions, for example 2026-03-01: it is missing: it is asked for already',
    );
  });

  test('are remembered one by one', () => {
    const wanted = { 'lab/days': missing() };
    for (const day of ['2026-03-01', '2026-03-02']) memory.make('lab/days', day);
    end(turn(wanted).ids[0], 'failed');
    memory.lose('lab/days', '2026-03-01');
    expect(turn(wanted).requests).toMatchObject([{ target: { partition: '2026-03-01' } }]);
  });

  test('but for the latest are not looked at where they cannot hold', () => {
    const looked: (string | null)[] = [];
    const made = memory.made;
    memory.made = (asset, partition) => {
      if (asset === days.key) looked.push(partition);
      return made(asset, partition);
    };
    expect(turn({ 'lab/days': eager() }).requests).toMatchObject([{ target: { partition: '2026-03-03' } }]);
    expect(new Set(looked)).toEqual(new Set(['2026-03-03']));
    turn({ 'lab/days': onMissing() });
    expect(new Set(looked).size).toBe(3);
  });

  test('of the latest window are all of its regions', () => {
    const { requests } = turn({ 'lab/both': eager() });
    expect(requests).toMatchObject([{ target: { partition: '2026-03-03/eu,2026-03-03/us' } }]);
  });

  test('none of which is there yet are said to be none', () => {
    memory = new MemoryState([users, days], afterDays(0));
    for (const condition of [missing(), eager()]) {
      expect(turn({ 'lab/days': condition })).toMatchObject({ ids: [], because: 'it has no partitions yet' });
    }
  });
});

describe('several assets', () => {
  test('are one run where they want the same partitions, and another where not', () => {
    memory.make('lab/days', '2026-03-01');
    const { requests, ticks } = turn({
      'lab/users': missing(),
      'lab/days': and(latestWindow(), missing()),
      'lab/report': missing(),
    });
    expect(requests.map(({ id, because, target }) => [id.split('Z')[1], because, target.select])).toEqual([
      ['', 'lab/users: it is missing and lab/report: it is missing', 'lab/users or lab/report'],
      ['.2', 'lab/days: it is missing', 'lab/days'],
    ]);
    expect(ticks.map(({ request }) => request?.split('Z')[1])).toEqual(['', '.2', '']);
  });

  test('that want nothing are not in the run', () => {
    memory.make('lab/users');
    const { requests, ticks } = turn({ 'lab/users': missing(), 'lab/report': missing() });
    expect(requests).toMatchObject([{ target: { assets: ['lab/report'] } }]);
    expect(ticks.map(({ outcome }) => outcome)).toEqual(['nothing', 'requested']);
  });

  test('get an id that nothing has, also when the clock shows a time again', () => {
    turn({ 'lab/users': missing() });
    now = start;
    expect(turn({ 'lab/report': missing() }).ids).toEqual(['conditions@2026-03-04T00:00:00.000Z.2']);
  });
});

test('what a name remembers of another definition does not count', () => {
  for (const state of [{ by: 'check', cursor: 1 }, 7, null, 'text']) {
    states = new Map([['lab/users', state]]);
    expect(turn({ 'lab/users': not(cron('0 0 29 2 *')) }).ids).toHaveLength(1);
  }
});
