import { setTimeout as sleep } from 'node:timers/promises';
import { type AnyOp, asset, assetKey, definitionKey, op, type OpFacts } from '@nx-assets/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { RunEvent } from '../events.ts';
import { runOps } from './ops.ts';
import { Partitioning } from '../partitioning.ts';
import { StepPlace } from '../test-support.ts';

let place: StepPlace;
let events: RunEvent[] = [];
beforeEach(() => {
  place = new StepPlace();
  events = [];
});
afterEach(() => place.close());

const users = asset({ description: 'Users.', value: z.int(), materialize: () => 1 });
const run = (ops: readonly AnyOp[], signal = new AbortController().signal, env = {}) =>
  runOps({
    job: definitionKey('jobs', 'daily'),
    ops: ops.map((op) => {
      const deps = Object.keys(op.deps).map((alias) => [alias, assetKey('g', alias)] as const);
      return { op, facts: { ...op, deps: Object.fromEntries(deps) } as unknown as OpFacts };
    }),
    given: {},
    environment: place.environment({ env, signal }),
    partitioning: new Partitioning(new Map(), { now: 0, dynamicKeys: () => [], custom: () => null }),
    emit: (event) => void events.push(event),
  });
const base = { description: 'd' };
const n = z.object({ n: z.int() });

test('each takes what those before it gave, and the later of one name counts', async () => {
  const seen: unknown[] = [];
  const give = (name: string, value: number) =>
    op({ name, ...base, output: n, run: () => ({ n: value, more: 'is left out' }) });
  const take = (name: string) => op({ name, ...base, inputs: n, run: (inputs) => void seen.push(inputs) });
  const { outcomes, given } = await run([give('a', 1), take('take'), give('b', 2), take('again')]);
  expect(outcomes.map(({ name, status }) => [name, status])).toEqual([
    ['a', 'done'],
    ['take', 'done'],
    ['b', 'done'],
    ['again', 'done'],
  ]);
  expect(seen).toEqual([{ n: 1 }, { n: 2 }]);
  expect(given).toEqual({ n: 2 });
});

test.each([
  ['OP_THREW', op({ name: 'a', ...base, run: () => Promise.reject(new Error('no')) })],
  ['OP_INPUTS_INVALID', op({ name: 'a', ...base, inputs: n, run: () => undefined })],
  ['OP_OUTPUT_INVALID', op({ name: 'a', ...base, output: n, run: () => ({ n: 'x' as never }) })],
  ['UPSTREAM_MISSING', op({ name: 'a', ...base, deps: { users }, run: () => undefined })],
  ['STEP_TIMEOUT', op({ name: 'a', ...base, timeout: '0.05s', run: () => sleep(60_000) })],
])('the first that fails is the last that runs: %s', async (code, failing) => {
  const never = op({ name: 'never', ...base, run: () => undefined });
  const { outcomes } = await run([failing, never]);
  expect(outcomes).toMatchObject([{ key: 'jobs/daily/a', status: 'failed', error: { code } }]);
});

test('what its function throws is its author’s to fix', async () => {
  const { outcomes } = await run([
    op({
      name: 'a',
      ...base,
      run: () => {
        JSON.parse('{');
      },
    }),
  ]);
  expect(outcomes[0]?.error).toMatchObject({ code: 'OP_THREW', blame: 'author' });
});

test('one that is cancelled is no failure, also where it does not listen', async () => {
  const cancellation = new AbortController();
  setTimeout(() => cancellation.abort(), 50);
  const started = Date.now();
  const { outcomes } = await run([op({ name: 'a', ...base, run: () => sleep(60_000) })], cancellation.signal);
  expect(outcomes).toMatchObject([{ status: 'cancelled', error: null }]);
  expect(Date.now() - started).toBeLessThan(4_000);
});

test('what it retries and logs is said without secrets', async () => {
  let tries = 0;
  const flaky = op({
    name: 'a',
    ...base,
    secrets: ['TOKEN'],
    retry: { attempts: 3, backoff: '0.01s' },
    run(_inputs, { log }) {
      log.info('using s3cret');
      if (++tries < 3) throw new Error('not with s3cret');
    },
  });
  const { outcomes } = await run([flaky], undefined, { TOKEN: 's3cret' });
  expect(outcomes).toMatchObject([{ status: 'done' }]);
  expect(events.map(({ type }) => type)).toEqual([
    'step-started',
    'log',
    'step-retried',
    'log',
    'step-retried',
    'log',
    'op-finished',
  ]);
  expect(JSON.stringify(events)).not.toContain('s3cret');
});
