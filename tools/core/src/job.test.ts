import { expect, test } from 'vitest';
import { z } from 'zod';
import { asset } from './asset.ts';
import { job, type JobDefinition } from './job.ts';
import { secret } from './config/variable.ts';
import { op } from './op.ts';
import { resource } from './resource.ts';

const base = { description: 'd', run: () => undefined };
const users = asset({ description: 'Users.', value: z.int(), materialize: () => 1 });

test.each([
  [{ description: ' ' }, 'A job has no description.'],
  [{ description: 'd' }, 'A job has neither assets nor ops.'],
  [{ description: 'd', select: 'a and' }, 'SELECTION_INVALID'],
  [{ description: 'd', before: [undefined] }, 'Among the ops of a job is one that is undefined.'],
  [{ description: 'd', before: [users] }, 'Among the ops of a job is one that is not an op.'],
  [{ description: 'd', select: 'a', onSuccess: ['chat'] }, 'neither a function nor a webhook'],
  [{ description: 'd', select: 'a', schedule: { cron: '0 6 * *' } }, '"0 6 * *" has 4 fields'],
  [
    { description: 'd', select: 'a', schedule: { cron: '0 6 * * *', timeZone: 'Mars' } },
    'There is no time zone "Mars".',
  ],
])('a job that is wrong: %j', (definition, message) => {
  expect(() => job(definition as JobDefinition<readonly [], readonly []>)).toThrow(message);
});

test('no two ops of a job have one name', () => {
  const a = op({ name: 'a', ...base });
  expect(() => job({ description: 'd', before: [a], after: [a] })).toThrow('The op a is there twice.');
});

test('an op that is wrong', () => {
  expect(() => op({ name: 'Loud', ...base })).toThrow('OP_INVALID: "Loud" is not a name for an op.');
  expect(() => op({ name: 'assets', ...base })).toThrow('No op is called "assets"');
  expect(() => op({ name: 'a', ...base, description: '' })).toThrow('The op a has no description.');
  const twice = { inputs: z.object({ users: z.int() }), deps: { users } };
  expect(() => op({ name: 'a', ...base, ...twice })).toThrow('takes "users" from an op and from an asset.');
  expect(() => op({ name: 'a', ...base, deps: { users: undefined as never } })).toThrow('is undefined.');
});

test('a schedule is plain data, in UTC unless it says otherwise', () => {
  const made = job({ description: 'd', select: 'a', schedule: { cron: ' 0  6 * * * ' } });
  const scope = { keyOf: () => 'g/a' as never, keyOfOther: () => 'g/j' as never, assets: [] };
  expect(() => made.describe(scope)).toThrow('No asset matches a.');
  const ops = job({ description: 'd', after: [op({ name: 'a', ...base })], schedule: { cron: '0 6 * * *' } });
  expect(ops.describe(scope)).toMatchObject({
    select: '',
    assets: [],
    schedule: { cron: '0 6 * * *', timeZone: 'UTC' },
  });
});

test('an op keeps the secrets of its resources, those in their config too', () => {
  const api = resource({
    description: 'A.',
    secrets: ['KEY'],
    config: z.object({ token: z.string() }),
    values: { prod: { token: secret('TOKEN') } },
    open: () => 1,
  });
  expect(op({ name: 'a', ...base, secrets: ['OWN'], resources: { api } }).secrets).toEqual([
    'OWN',
    'KEY',
    'TOKEN',
  ]);
});
