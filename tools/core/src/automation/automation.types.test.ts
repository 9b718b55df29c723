// Types are a surface like any other: the compiler is what runs these, through the typecheck target.
import { describe, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { asset } from '../asset.ts';
import type { Json } from '../json.ts';
import { job } from '../job.ts';
import { op } from '../op.ts';
import {
  and,
  anyUpstream,
  type Condition,
  cron,
  eager,
  files,
  materialized,
  missing,
  not,
  type OneLook,
  onCron,
  onMissing,
  or,
  runs,
  schedule,
  sensor,
  url,
} from './index.ts';

const users = asset({ description: 'Users.', value: z.int(), materialize: () => 1 });
const nightly = job({ description: 'At night.', select: users });
const vacuum = op({ name: 'vacuum', description: 'Frees space.', run: () => undefined });
const check = () => ({});

/** Only compiled: most of it would throw. */
const compiled = (wrong: () => unknown) => expectTypeOf(wrong).toBeFunction();

describe('a schedule', () => {
  const at = { description: 'd', cron: '0 6 * * *' } as const;

  test('runs a job, assets, or words', () => {
    schedule({ ...at, run: nightly });
    schedule({ ...at, run: users, partition: 'latest', catchUp: { all: 7 } });
    schedule({ ...at, run: ['group:lab', users], timeZone: 'Europe/Berlin', catchUp: 'none' });
    schedule({ ...at, run: users, config: { 'lab/users': { limit: 10 } } });
  });

  test('that is wrong does not compile', () => {
    compiled(() => {
      // @ts-expect-error: nothing to run
      schedule({ ...at });
      // @ts-expect-error: no time is given
      schedule({ description: 'd', run: users });
      // @ts-expect-error: an op is no job
      schedule({ ...at, run: vacuum });
      // @ts-expect-error: a schedule is not run
      schedule({ ...at, run: schedule({ ...at, run: users }) });
      // @ts-expect-error: no such policy
      schedule({ ...at, run: users, catchUp: 'some' });
      // @ts-expect-error: how many is a number
      schedule({ ...at, run: users, catchUp: { all: 'all' } });
      // @ts-expect-error: config is by asset key
      schedule({ ...at, run: users, config: { users: { limit: 10 } } });
      // @ts-expect-error: no such option
      schedule({ ...at, run: users, timezone: 'Europe/Berlin' });
    });
  });
});

describe('a sensor', () => {
  const base = { description: 'd', run: users } as const;

  test('watches, or has a function that gets its cursor', () => {
    sensor({ ...base, watch: files('inbox/*.csv', { settle: '2s' }), every: '10s' });
    sensor({ ...base, watch: url('https://example.org/a'), timeout: '5s' });
    sensor({ ...base, watch: materialized(users, { each: 'materialization' }) });
    sensor({ ...base, watch: runs({ job: nightly, status: ['lost'] }) });
    sensor({
      ...base,
      check(cursor, { root, now, signal }) {
        expectTypeOf(cursor).toEqualTypeOf<Json>();
        expectTypeOf(root).toEqualTypeOf<string>();
        expectTypeOf(now).toEqualTypeOf<Date>();
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
        return { cursor: 1, requests: [{ id: '1', partition: '2026-03-01', because: 'somebody asked' }] };
      },
    });
    sensor({ ...base, check: async () => ({ because: 'nothing new' }) });
  });

  test('has a watch or a check, and the editor says so', () => {
    type Other<K extends string> = Extract<OneLook, Record<K, unknown>>;
    type Sentence = 'A sensor has a `watch` or a `check`, not both.' | undefined;
    expectTypeOf<Other<'check'>['watch']>().toExtend<Sentence>();
    expectTypeOf<Other<'watch'>['check']>().toExtend<Sentence>();
    compiled(() => {
      // @ts-expect-error: 'A sensor has a `watch` or a `check`, not both.'
      sensor({ ...base, watch: files('a'), check });
      // @ts-expect-error: one of the two is missing
      sensor({ ...base });
    });
  });

  test('that is wrong does not compile', () => {
    compiled(() => {
      // @ts-expect-error: nothing to run
      sensor({ description: 'd', check });
      // @ts-expect-error: a duration
      sensor({ ...base, check, every: 'often' });
      // @ts-expect-error: a duration has a unit
      sensor({ ...base, check, every: 30 });
      // @ts-expect-error: the function is called
      sensor({ ...base, watch: files });
      // @ts-expect-error: a cursor is JSON
      sensor({ ...base, check: () => ({ cursor: new Map() }) });
      // @ts-expect-error: a request is an object
      sensor({ ...base, check: () => ({ requests: ['2026-03-01'] }) });
      // @ts-expect-error: a look says what it saw
      sensor({ ...base, check: () => true });
    });
  });

  test('watches what there is', () => {
    compiled(() => {
      // @ts-expect-error: a job is not materialized
      materialized(nightly);
      // @ts-expect-error: no such word
      materialized(users, { each: 'run' });
      // @ts-expect-error: an asset is no job
      runs({ job: users });
      // @ts-expect-error: a run that goes on has no end
      runs({ status: ['running'] });
      // @ts-expect-error: a duration
      files('a', { settle: 'soon' });
    });
  });
});

describe('a condition', () => {
  const base = { description: 'd', value: z.int(), materialize: () => 1 } as const;

  test('is an option of an asset', () => {
    asset({ ...base, automation: eager() });
    asset({ ...base, automation: onMissing() });
    asset({ ...base, automation: onCron('0 6 * * *', { timeZone: 'Europe/Berlin' }) });
    asset({ ...base, automation: and(or(missing(), cron('0 6 * * *')), not(anyUpstream(missing()))) });
    expectTypeOf(users.automation).toEqualTypeOf<Condition | undefined>();
  });

  test('is called, and joined of conditions', () => {
    compiled(() => {
      // @ts-expect-error: the function is called
      asset({ ...base, automation: eager });
      // @ts-expect-error: a word is no condition
      asset({ ...base, automation: 'eager' });
      // @ts-expect-error: the function is called
      and(missing, eager());
      // @ts-expect-error: nothing to join
      or();
      // @ts-expect-error: one at a time
      not(missing(), eager());
      // @ts-expect-error: the time zone is an option
      cron('0 6 * * *', 'Europe/Berlin');
      // @ts-expect-error: no such kind
      anyUpstream({ kind: 'tuesday' });
    });
  });
});
