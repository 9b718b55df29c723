import { expect, test } from 'vitest';
import { z } from 'zod';
import { asset } from '../asset.ts';
import type { DefinitionScope } from '../definition.ts';
import { isOtherDefinition } from '../other-manifest.ts';
import { job } from '../job.ts';
import { files, materialized, runs, sensor, type SensorDefinition, url, type Watch } from './index.ts';

const users = asset({ description: 'Users.', value: z.int(), materialize: () => 1 });
const nightly = job({ description: 'At night.', select: 'users' });
const scope: DefinitionScope = {
  keyOf: () => 'lab/users' as never,
  keyOfOther: () => 'jobs/nightly' as never,
  assets: [],
};
const make = (given: object) => sensor({ description: 'd', run: nightly, ...given } as never);

test('a sensor with a function keeps it, and says of itself what is data', () => {
  const check = () => ({ because: 'nothing new' });
  const made = make({ description: ' A queue. ', check });
  expect(Object.isFrozen(made)).toBe(true);
  expect(isOtherDefinition(made)).toBe(true);
  expect(made).toMatchObject({ description: 'A queue.', check });
  expect(made.describe(scope)).toEqual({
    type: 'sensor',
    watch: null,
    every: 30_000,
    timeout: 60_000,
    target: { job: 'jobs/nightly', select: '', assets: null, partition: null, config: {} },
  });
});

test('its times are milliseconds', () => {
  const made = make({ check: () => ({}), every: '5m', timeout: '2.5s' });
  expect(made.describe(scope)).toMatchObject({ every: 300_000, timeout: 2_500 });
});

test.each<readonly [Watch, object]>([
  [files('inbox/*.csv'), { kind: 'files', pattern: 'inbox/*.csv', settle: 1_000 }],
  [files('a', { settle: '1m' }), { kind: 'files', pattern: 'a', settle: 60_000 }],
  [url('https://example.org/a?b=c'), { kind: 'url', address: 'https://example.org/a?b=c' }],
  [materialized(users), { kind: 'asset', asset: 'lab/users', each: 'change' }],
  [
    materialized(users, { each: 'materialization' }),
    { kind: 'asset', asset: 'lab/users', each: 'materialization' },
  ],
  [runs(), { kind: 'runs', job: null, status: ['failed'] }],
  [
    runs({ job: nightly, status: ['lost', 'cancelled'] }),
    { kind: 'runs', job: 'jobs/nightly', status: ['lost', 'cancelled'] },
  ],
])('what it watches is data, with keys in place of imports: %j', (watch, facts) => {
  const made = make({ watch });
  expect(made.check).toBeNull();
  const { watch: described } = made.describe(scope) as { watch: unknown };
  expect(described).toEqual(facts);
  expect(JSON.parse(JSON.stringify(described))).toEqual(facts);
});

const check: SensorDefinition['check'] = () => ({});
test.each([
  [{ description: '', check }, 'AUTOMATION_INVALID: A sensor has no description.'],
  [{}, 'AUTOMATION_INVALID: A sensor has either a `watch` or a `check`.'],
  [{ check, watch: files('a') }, 'AUTOMATION_INVALID: A sensor has either a `watch` or a `check`.'],
  [{ check: undefined, watch: undefined }, 'A sensor has either a `watch` or a `check`.'],
  [{ check: 'look' }, 'AUTOMATION_INVALID: The `check` of a sensor is a function.'],
  [
    { watch: files },
    'AUTOMATION_INVALID: The `watch` of a sensor is not valid: call the function, as in files(…).',
  ],
  [{ check, run: undefined }, 'AUTOMATION_INVALID: What `run` names is undefined.'],
  [{ check, every: 'often' }, 'ASSET_OPTION_INVALID: "often" is not a duration.'],
  [{ check, every: '0s' }, '"0s" is not a duration.'],
  [{ check, timeout: '-1s' }, '"-1s" is not a duration.'],
])('a sensor that is wrong is refused where it is written: %j', (wrong, message) => {
  expect(() => make(wrong)).toThrow(message);
});

test.each([
  [() => files(' '), 'AUTOMATION_INVALID: The pattern of files is empty.'],
  [() => files('a', { settle: 'soon' as '1s' }), '"soon" is not a duration.'],
  [() => url('example.org'), 'AUTOMATION_INVALID: "example.org" is no address. Write it with its protocol'],
  [() => url('file:///etc/passwd'), '"file:///etc/passwd" is no address.'],
  [() => url('https://me:secret@example.org'), 'The address of a sensor holds a name or a password.'],
  [() => url('https://:secret@example.org'), 'The address of a sensor holds a name or a password.'],
  [
    () => materialized(undefined as never),
    'AUTOMATION_INVALID: What `materialized` names is no asset. If an',
  ],
  [() => materialized(nightly as never), 'What `materialized` names is no asset.'],
  [() => runs({ status: [] }), 'AUTOMATION_INVALID: `runs` names no status, and would never see one.'],
])('what cannot be watched is refused where it is written: %s', (watch, message) => {
  expect(watch).toThrow(message);
});

test('a secret in an address is not repeated in the message', () => {
  expect(() => url('https://:hunter2@example.org')).toThrow(/^(?!.*hunter2)/s);
});
