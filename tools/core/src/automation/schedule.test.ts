import { expect, test } from 'vitest';
import { z } from 'zod';
import { asset } from '../asset.ts';
import type { DefinitionScope } from '../definition.ts';
import { isOtherDefinition } from '../other-manifest.ts';
import { job } from '../job.ts';
import type { AssetManifest } from '../manifest.ts';
import { schedule, type ScheduleDefinition, sensor, url } from './index.ts';

const users = asset({ description: 'Users.', value: z.int(), materialize: () => 1 });
const posts = asset({ description: 'Posts.', value: z.int(), materialize: () => 1 });
const nightly = job({ description: 'At night.', select: 'users' });

const manifest = (key: string, deps: object = {}) =>
  ({
    key,
    kind: 'node',
    deps,
    tags: [],
    owners: [],
    blockingChecks: [],
    metadata: {},
  }) as unknown as AssetManifest;
const scope: DefinitionScope = {
  keyOf: (asset) => (asset === users ? 'lab/users' : 'lab/posts') as never,
  keyOfOther: (definition) => (definition === nightly ? 'jobs/nightly' : 'jobs/other') as never,
  assets: [manifest('lab/users'), manifest('lab/posts', { users: 'lab/users' })],
};
const at = { description: ' Every morning. ', cron: ' 0  6 * * * ' };

test('a schedule is frozen, and plain data once it is described', () => {
  const made = schedule({ ...at, timeZone: 'Europe/Berlin', run: users, partition: 'latest' });
  expect(Object.isFrozen(made)).toBe(true);
  expect(isOtherDefinition(made)).toBe(true);
  expect(made.description).toBe('Every morning.');
  const facts = made.describe(scope);
  expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
  expect(facts).toEqual({
    type: 'schedule',
    cron: '0 6 * * *',
    timeZone: 'Europe/Berlin',
    catchUp: 'latest',
    limit: 100,
    target: { job: null, select: 'lab/users', assets: ['lab/users'], partition: 'latest', config: {} },
  });
});

test.each([
  [undefined, 'latest', 100],
  ['latest', 'latest', 100],
  ['none', 'none', 100],
  ['all', 'all', 100],
  [{ all: 7 }, 'all', 7],
] as const)('what it catches up with: %j', (catchUp, policy, limit) => {
  const made = schedule({ ...at, run: users, ...(catchUp === undefined ? {} : { catchUp }) });
  expect(made.describe(scope)).toMatchObject({ catchUp: policy, limit });
});

test('what it runs is a job, by its key, and the job knows what of', () => {
  expect(schedule({ ...at, run: nightly }).describe(scope).target).toEqual({
    job: 'jobs/nightly',
    select: '',
    assets: null,
    partition: null,
    config: {},
  });
});

test('what it runs is a selection, deps first, or words and assets together', () => {
  const targetOf = (run: ScheduleDefinition['run']) => schedule({ ...at, run }).describe(scope).target;
  expect(targetOf('+posts')).toMatchObject({ select: '+posts', assets: ['lab/users', 'lab/posts'] });
  expect(targetOf([posts, 'users'])).toMatchObject({
    select: '(lab/posts) or (users)',
    assets: ['lab/users', 'lab/posts'],
  });
});

test('a selection by status is looked up when it runs', () => {
  expect(schedule({ ...at, run: 'status:stale' }).describe(scope).target).toMatchObject({
    select: 'status:stale',
    assets: null,
  });
});

test('its config goes along', () => {
  const config = { 'lab/users': { limit: 10 } };
  expect(schedule({ ...at, run: users, config }).describe(scope).target.config).toEqual(config);
});

test('a selection that fits nothing is refused where all assets are known, with what may be meant', () => {
  expect(() => schedule({ ...at, run: 'user' }).describe(scope)).toThrow(
    'SELECTION_INVALID: No asset matches user (did you mean users?).',
  );
  expect(() => schedule({ ...at, run: 'zzzzzz' }).describe(scope)).toThrow('No asset matches zzzzzz.');
});

test.each([
  [{ description: ' ' }, 'AUTOMATION_INVALID: A schedule has no description.'],
  [{ cron: '0 6 * *' }, 'AUTOMATION_INVALID: "0 6 * *" has 4 fields'],
  [{ cron: undefined }, 'AUTOMATION_INVALID: There is no cron expression.'],
  [{ timeZone: 'Mars' }, 'AUTOMATION_INVALID: There is no time zone "Mars".'],
  [{ catchUp: 'some' }, 'AUTOMATION_INVALID: "some" is no way to catch up.'],
  [{ catchUp: null }, 'AUTOMATION_INVALID: null is no way to catch up.'],
  [{ catchUp: { all: 0 } }, 'AUTOMATION_INVALID: {"all":0} is no way to catch up.'],
  [{ catchUp: { all: 1.5 } }, 'AUTOMATION_INVALID: {"all":1.5} is no way to catch up.'],
  [{ run: [] }, 'AUTOMATION_INVALID: `run` names nothing.'],
  [{ run: undefined }, 'AUTOMATION_INVALID: What `run` names is undefined. If an import is undefined'],
  [{ run: [users, 7] }, 'AUTOMATION_INVALID: What `run` names is neither an asset, nor a job, nor'],
  [{ run: null }, 'AUTOMATION_INVALID: What `run` names is neither an asset'],
  [{ run: 'a and' }, 'SELECTION_INVALID'],
])('a schedule that is wrong is refused where it is written: %j', (wrong, message) => {
  expect(() => schedule({ ...at, run: users, ...wrong } as ScheduleDefinition)).toThrow(message);
});

test('a schedule runs no sensor, and a sensor no schedule', () => {
  const clock = schedule({ ...at, run: users });
  const watcher = sensor({ description: 'd', watch: url('https://example.org/a'), run: users });
  expect(() => schedule({ ...at, run: watcher as never })).toThrow('neither an asset, nor a job, nor');
  expect(() => sensor({ description: 'd', check: () => ({}), run: clock as never })).toThrow('nor a job');
});
