import type { GroupManifest, OtherManifest } from '@nx-assets/core';
import { missing, type Target } from '@nx-assets/core/automation';
import { manifestOf } from '@nx-assets/engine/contracts';
import { expect, test } from 'vitest';
import { automationsOf } from './definitions.ts';

const times = { cron: '0 6 * * *', timeZone: 'UTC', catchUp: 'latest', limit: 100 } as const;
const target = (fields: Partial<Target> = {}): Target => ({
  ...{ job: null, select: 'a', assets: null, partition: null, config: {} },
  ...fields,
});
const other = (key: string, facts: object) =>
  ({ key, description: `About ${key}.`, file: 'f.ts', ...facts }) as unknown as OtherManifest;
const group = (fields: Partial<GroupManifest>) =>
  ({ assets: [], others: [], ...fields }) as unknown as GroupManifest;

test('schedules, sensors and conditions are those of all groups', () => {
  const users = { ...manifestOf('lab/users'), automation: missing() };
  const clock = { ...times, target: target({ partition: 'latest' }) };
  const watcher = { watch: null, every: 1_000, timeout: 2_000, target: target() };
  const found = automationsOf([
    group({ assets: [users, manifestOf('lab/posts')] }),
    group({ others: [other('auto/clock', { type: 'schedule', ...clock })] }),
    group({ others: [other('auto/watcher', { type: 'sensor', ...watcher })] }),
  ]);
  expect(found).toEqual({
    schedules: [{ name: 'auto/clock', description: 'About auto/clock.', ...clock }],
    sensors: [{ name: 'auto/watcher', description: 'About auto/watcher.', ...watcher }],
    conditions: [{ name: 'lab/users', condition: missing() }],
  });
});

test('a job with a schedule is one, and a job without is none', () => {
  const job = { type: 'job', assets: ['lab/users'] };
  const { schedules } = automationsOf([
    group({
      others: [
        other('jobs/nightly', { ...job, schedule: times }),
        other('jobs/by_hand', { ...job, schedule: null }),
      ],
    }),
  ]);
  expect(schedules).toEqual([
    {
      ...{ name: 'jobs/nightly', description: 'About jobs/nightly.', ...times },
      target: target({ job: 'jobs/nightly' as never, select: '', assets: ['lab/users' as never] }),
    },
  ]);
});

test('what runs a job has the assets of the job, wherever that is defined', () => {
  const runs = target({ job: 'jobs/nightly' as never, select: '', partition: 'latest' });
  const { schedules, sensors } = automationsOf([
    group({
      others: [
        other('auto/clock', { type: 'schedule', ...times, target: runs }),
        other('auto/lost', { type: 'schedule', ...times, target: { ...runs, job: 'jobs/gone' } }),
        other('auto/watcher', { type: 'sensor', watch: null, every: 1, timeout: 1, target: runs }),
      ],
    }),
    group({ others: [other('jobs/nightly', { type: 'job', assets: ['lab/users'], schedule: null })] }),
  ]);
  expect([...schedules, ...sensors].map((one) => one.target.assets)).toEqual([
    ['lab/users'],
    null,
    ['lab/users'],
  ]);
  expect(sensors[0]?.target).toMatchObject({ job: 'jobs/nightly', partition: 'latest' });
});
