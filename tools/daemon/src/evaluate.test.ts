import {
  allUpstreams,
  and,
  anyUpstream,
  codeChanged,
  type Condition,
  cron,
  dataChanged,
  eager,
  inProgress,
  latestWindow,
  missing,
  not,
  onMissing,
  or,
} from '@nx-assets/core/automation';
import { afterDays, DAYS, DAYS_AND_REGIONS, manifestOf, REGIONS, WEEKS } from '@nx-assets/engine/contracts';
import type { PartitionKey } from '@nx-assets/engine';
import { beforeEach, describe, expect, test } from 'vitest';
import { evaluate } from './evaluate.ts';
import { key, MemoryState } from './test-support.ts';

const users = manifestOf('lab/users');
const posts = manifestOf('lab/posts');
const report = manifestOf('lab/report', { deps: { users, posts } });
const regions = manifestOf('lab/regions', { partitions: REGIONS });
const days = manifestOf('lab/days', { partitions: DAYS });
const weeks = manifestOf('lab/weeks', { partitions: WEEKS, deps: { days } });
const trail = manifestOf('lab/trail', {
  partitions: DAYS,
  deps: { days },
  mappings: { days: { kind: 'trailing', count: 3 } },
});
const both = manifestOf('lab/both', { partitions: DAYS_AND_REGIONS });
const last = manifestOf('lab/last', { deps: { days }, mappings: { days: { kind: 'last' } } });
const ALL = [users, posts, report, regions, days, weeks, trail, both, last];

const now = afterDays(16);
let memory: MemoryState;
beforeEach(() => {
  memory = new MemoryState(ALL, now);
});

/** Whether it held, and why. */
function ask(condition: Condition, name: string, partition: PartitionKey = null, since = now - 60_000) {
  const subject = { key: key(name), partition };
  const { held, because } = evaluate(condition, subject, { view: memory, now, since });
  return [held, because] as const;
}
const causeOf = (condition: Condition, name: string, partition: PartitionKey = null) =>
  evaluate(condition, { key: key(name), partition }, { view: memory, now, since: now - 60_000 }).cause;
const week = ['09', '10', '11', '12', '13', '14', '15'].map((day) => `2026-03-${day}`);

describe('missing', () => {
  test('holds while there is no value', () => {
    expect(ask(missing(), 'lab/users')).toEqual([true, 'it is missing']);
    memory.make('lab/users');
    expect(ask(missing(), 'lab/users')).toEqual([false, 'it exists']);
  });

  test('is about one partition', () => {
    memory.make('lab/regions', 'eu');
    expect(ask(missing(), 'lab/regions', 'eu')[0]).toBe(false);
    expect(ask(missing(), 'lab/regions', 'us')[0]).toBe(true);
  });

  test('has another cause when it would be made of other things: it is worth another try', () => {
    const causes = [causeOf(missing(), 'lab/report')];
    memory.make('lab/users');
    causes.push(causeOf(missing(), 'lab/report'));
    memory.make('lab/users', null, 'two');
    causes.push(causeOf(missing(), 'lab/report'));
    memory.edit('lab/report', 'v2');
    causes.push(causeOf(missing(), 'lab/report'));
    expect(new Set(causes).size).toBe(4);
    expect(causes[2]).toBe('missing code v1 lab/users=two lab/posts=none');
  });
});

describe('code changed', () => {
  test('holds where it was made with other code', () => {
    expect(ask(codeChanged(), 'lab/users')).toEqual([false, 'its code is unchanged']);
    memory.make('lab/users').edit('lab/users', 'v2');
    expect(ask(codeChanged(), 'lab/users')).toEqual([true, 'its code has changed']);
    memory.make('lab/users');
    expect(ask(codeChanged(), 'lab/users')[0]).toBe(false);
  });
});

describe('data changed', () => {
  beforeEach(() => void memory.make('lab/users').make('lab/posts').make('lab/report'));

  test('holds where an upstream came out other than what it was made of', () => {
    expect(ask(dataChanged(), 'lab/report')).toEqual([false, 'the data of its upstreams is unchanged']);
    memory.make('lab/users', null, 'two');
    expect(ask(dataChanged(), 'lab/report')).toEqual([true, 'the data of lab/users has changed']);
    expect(causeOf(dataChanged(), 'lab/report')).toBe('lab/users=two');
    memory.make('lab/posts', null, 'two');
    expect(ask(dataChanged(), 'lab/report')[1]).toBe('the data of lab/users and lab/posts has changed');
  });

  test('does not hold where an upstream ran and came out the same', () => {
    memory.edit('lab/users', 'v2').make('lab/users', null, 'one');
    expect(ask(dataChanged(), 'lab/report')[0]).toBe(false);
  });

  test('does not hold of what is missing, or is made of what is missing', () => {
    memory.lose('lab/users');
    expect(ask(dataChanged(), 'lab/report')).toEqual([false, 'the data of its upstreams is unchanged']);
    memory.lose('lab/report');
    expect(ask(dataChanged(), 'lab/report')).toEqual([false, 'it has not been made yet']);
    expect(ask(dataChanged(), 'lab/unknown')[0]).toBe(false);
  });

  test('of a week holds where one of its days has changed, and of no other week', () => {
    for (const day of [...week, '2026-03-03']) memory.make('lab/days', day);
    memory.make('lab/weeks', '2026-03-09').make('lab/weeks', '2026-03-02');
    expect(ask(dataChanged(), 'lab/weeks', '2026-03-09')[0]).toBe(false);
    memory.make('lab/days', '2026-03-11', 'two');
    expect(ask(dataChanged(), 'lab/weeks', '2026-03-09')).toEqual([true, 'the data of lab/days has changed']);
    expect(ask(dataChanged(), 'lab/weeks', '2026-03-02')[0]).toBe(false);
  });

  test('of a day that is made of three holds until the change is out of sight', () => {
    const days = ['10', '11', '12', '13', '14'].map((day) => `2026-03-${day}`);
    for (const day of ['2026-03-08', '2026-03-09', ...days]) memory.make('lab/days', day);
    for (const day of days) memory.make('lab/trail', day);
    memory.make('lab/days', '2026-03-11', 'two');
    expect(days.map((day) => ask(dataChanged(), 'lab/trail', day)[0])).toEqual([
      ...[false, true, true, true, false],
    ]);
  });

  test('of the last partition alone is about that one', () => {
    const newest = memory.partitioning.partitionsOf(days.key).at(-1) as string;
    memory.make('lab/days', newest).make('lab/last');
    memory.make('lab/days', '2026-03-05', 'two');
    expect(ask(dataChanged(), 'lab/last')[0]).toBe(false);
    memory.make('lab/days', newest, 'two');
    expect(ask(dataChanged(), 'lab/last')[0]).toBe(true);
  });
});

describe('in progress', () => {
  test('holds while somebody makes that one', () => {
    memory.making('lab/regions', 'eu', 'run r1');
    expect(ask(inProgress(), 'lab/regions', 'eu')).toEqual([true, 'run r1 is making it']);
    expect(ask(inProgress(), 'lab/regions', 'us')).toEqual([false, 'nothing is making it']);
  });
});

describe('latest window', () => {
  test('holds of the last that has ended', () => {
    expect(ask(latestWindow(), 'lab/days', '2026-03-16')).toEqual([true, '2026-03-16 is the latest window']);
    expect(ask(latestWindow(), 'lab/days', '2026-03-15')).toEqual([false, '2026-03-16 is the latest window']);
    expect(ask(latestWindow(), 'lab/weeks', '2026-03-09')[0]).toBe(true);
  });

  test('holds of each region of the last day', () => {
    const found = memory.partitioning
      .partitionsOf(both.key)
      .filter((one) => ask(latestWindow(), 'lab/both', one)[0]);
    expect(found).toEqual(['2026-03-16/eu', '2026-03-16/us']);
  });

  test('holds of all that is not cut by time', () => {
    expect(ask(latestWindow(), 'lab/users')).toEqual([true, 'it is not cut by time']);
    expect(ask(latestWindow(), 'lab/regions', 'us')).toEqual([true, 'it is not cut by time']);
  });
});

describe('a time', () => {
  const six = cron('0 6 * * *', { timeZone: 'Europe/Berlin' });

  test('holds once clocks have shown it since it was last asked for', () => {
    const at = Date.parse('2026-03-16T05:00Z');
    expect(ask(six, 'lab/users', null, at - 1)).toEqual([true, 'it was due 2026-03-16 06:00 Europe/Berlin']);
    expect(ask(six, 'lab/users', null, at)).toEqual([false, 'it is not 0 6 * * * (Europe/Berlin) yet']);
  });

  test('of several that have passed, the last is the cause', () => {
    const subject = { key: users.key, partition: null };
    const causes = [1, 5].map(
      (daysAgo) => evaluate(six, subject, { view: memory, now, since: now - daysAgo * 86_400_000 }).cause,
    );
    expect(causes).toEqual(Array(2).fill(`at ${Date.parse('2026-03-16T05:00Z')}`));
  });
});

describe('upstreams', () => {
  test('any is one at least, and all are all', () => {
    expect(ask(anyUpstream(missing()), 'lab/report')).toEqual([true, 'of each upstream: it is missing']);
    memory.make('lab/users');
    expect(ask(anyUpstream(missing()), 'lab/report')).toEqual([true, 'of lab/posts: it is missing']);
    expect(ask(allUpstreams(missing()), 'lab/report')).toEqual([false, 'of lab/users: it exists']);
    memory.make('lab/posts');
    expect(ask(anyUpstream(missing()), 'lab/report')).toEqual([false, 'of each upstream: it exists']);
  });

  test('that have reasons of their own are told apart', () => {
    memory.making('lab/users', null, 'run r1').making('lab/posts', null, 'run r2');
    expect(ask(anyUpstream(inProgress()), 'lab/report')).toEqual([
      ...[true, 'of lab/users: run r1 is making it and of lab/posts: run r2 is making it'],
    ]);
  });

  test('are the partitions that it is made of', () => {
    for (const day of week) memory.make('lab/days', day);
    expect(ask(anyUpstream(missing()), 'lab/weeks', '2026-03-09')[0]).toBe(false);
    memory.lose('lab/days', '2026-03-12');
    expect(ask(anyUpstream(missing()), 'lab/weeks', '2026-03-09')).toEqual([
      ...[true, 'of lab/days [2026-03-12]: it is missing'],
    ]);
    expect(ask(anyUpstream(missing()), 'lab/weeks', '2026-03-02')[1]).toBe('of each upstream: it is missing');
  });

  test('of what has none, none is and all are', () => {
    expect(ask(anyUpstream(missing()), 'lab/users')).toEqual([false, 'it has no upstreams']);
    expect(ask(allUpstreams(missing()), 'lab/users')).toEqual([true, 'it has no upstreams']);
  });
});

describe('what is joined', () => {
  test('says what decided it, in one sentence', () => {
    expect(ask(eager(), 'lab/report')).toEqual([true, 'it is missing']);
    memory.make('lab/users').make('lab/posts').make('lab/report');
    expect(ask(eager(), 'lab/report')).toEqual([
      false,
      'unchanged: it exists, the data of its upstreams is unchanged and its code is unchanged',
    ]);
    memory.edit('lab/report', 'v2').make('lab/users', null, 'two');
    expect(ask(eager(), 'lab/report')).toEqual([
      ...[true, 'the data of lab/users has changed and its code has changed'],
    ]);
    memory.making('lab/posts', null, 'run r7');
    expect(ask(eager(), 'lab/report')).toEqual([false, 'of lab/posts: run r7 is making it']);
    memory.making('lab/report', null, 'request a@1');
    expect(ask(eager(), 'lab/report')[1]).toBe(
      'request a@1 is making it and of lab/posts: run r7 is making it',
    );
  });

  test('has the causes of what held, in one order, and none where it does not hold', () => {
    memory.make('lab/users').make('lab/posts').make('lab/report');
    memory.edit('lab/report', 'v2').make('lab/users', null, 'two');
    expect(causeOf(or(dataChanged(), codeChanged()), 'lab/report')).toBe('code v2; lab/users=two');
    expect(causeOf(or(codeChanged(), dataChanged()), 'lab/report')).toBe('code v2; lab/users=two');
    expect(causeOf(and(dataChanged(), missing()), 'lab/report')).toBe('');
  });

  test('what is missing is no obstacle, and what is being made is', () => {
    expect(ask(onMissing(), 'lab/weeks', '2026-03-09')[0]).toBe(true);
    memory.making('lab/days', '2026-03-12', 'run r7');
    expect(ask(onMissing(), 'lab/weeks', '2026-03-09')).toEqual([
      ...[false, 'of lab/days [2026-03-12]: run r7 is making it'],
    ]);
    expect(ask(onMissing(), 'lab/weeks', '2026-03-02')[0]).toBe(true);
  });

  test('the opposite says the same reason', () => {
    expect(ask(not(missing()), 'lab/users')).toEqual([false, 'it is missing']);
  });
});
