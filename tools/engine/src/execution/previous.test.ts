import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type AnyAsset, asset, buildGraph, previous, staticPartitions } from '@nx-assets/core';
import { readRecord } from '@nx-assets/storage/records';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { manifestOf } from '../contracts/sample-manifests.ts';
import { Partitioning } from '../partitioning.ts';
import { plan, type StateReader } from '../plan.ts';
import { StepPlace } from '../test-support.ts';
import { execute } from './execute.ts';

let place: StepPlace;
let called: string[] = [];
beforeEach(() => {
  place = new StepPlace();
  called = [];
});
afterEach(() => place.close());

/** They sort otherwise than they stand here. */
const KEYS = ['c', 'b', 'd', 'a'];
const partitions = staticPartitions(KEYS);
const manifest = manifestOf('lab/chain', {
  partitions: partitions.spec,
  previous: 'before',
  output: { type: 'json', path: 'output/lab/chain/{partition}.json' },
});
const manifests = new Map([[manifest.key, manifest]]);
const partitioning = new Partitioning(manifests, { now: 0, dynamicKeys: () => [], custom: () => null });

/** Each says all keys up to its own; what it says may be changed. */
const chain = (say: (key: string) => string | Promise<string> = (key) => key): AnyAsset =>
  asset({
    description: 'd',
    partitions,
    deps: { before: previous() },
    value: z.string(),
    materialize: async ({ before = '' }, { partition }) => {
      called.push(partition.key);
      await new Promise((resolve) => setTimeout(resolve, KEYS.indexOf(partition.key) === 0 ? 20 : 0));
      return before + (await say(partition.key));
    },
  });

async function run(definition: AnyAsset, code = 'v1') {
  const own = { ...manifest, code: { ...manifest.code, version: code } };
  called = [];
  const outcomes = await execute({
    manifests: [own],
    environment: place.environment(),
    force: false,
    refresh: false,
    concurrency: 4,
    definitions: () => Promise.resolve(new Map([[own.key, definition]])),
    emit: () => undefined,
  });
  return outcomes.get(own.key)?.partitions?.counts;
}

const valueOf = (key: string) => {
  const reading = readRecord(place.root, manifest.key, key);
  return reading.status === 'found' ? reading.record : null;
};

const remove = (key: string) => {
  for (const end of ['json', 'record.json']) rmSync(join(place.root, `output/lab/chain/${key}.${end}`));
};

/** What a plan says of each partition. */
const planned = (code = 'v1') => {
  const own = { ...manifest, code: { ...manifest.code, version: code } };
  const state: StateReader = {
    now: new Date(0),
    env: {},
    partitioning,
    reading: (key, partition) => readRecord(place.root, key, partition),
    lastObservation: () => null,
    bytesOnDisk: (_key, _partition, { dataVersion }) => dataVersion,
    cachedReading: () => ({ status: 'missing' }),
  };
  const steps = plan(buildGraph([own]), new Map([[own.key, KEYS]]), state, { force: false, refresh: false });
  return steps.map(({ action }) => action);
};

describe('partitions of which each is made from the one before', () => {
  test('are made one after the other, in the order of the list', async () => {
    expect(planned()).toEqual(['run', 'run', 'run', 'run']);
    expect(await run(chain())).toMatchObject({ materialized: 4 });
    expect(called).toEqual(KEYS);
    expect(valueOf('a')?.preview).toEqual('cbda');
    expect(valueOf('c')?.inputs.before?.partitions).toEqual({});
    expect(valueOf('b')?.inputs.before?.partitions).toEqual({ c: valueOf('c')?.dataVersion });
    expect(planned()).toEqual(['keep', 'keep', 'keep', 'keep']);
    expect(await run(chain())).toMatchObject({ 'up-to-date': 4 });
  });

  test('run again as far as data changes', async () => {
    await run(chain());
    remove('d');
    expect(planned()).toEqual(['keep', 'keep', 'run', 'undecided']);
    expect(await run(chain())).toMatchObject({ materialized: 1, 'up-to-date': 3 });
    remove('b');
    expect(await run(chain((key) => (key === 'b' ? 'B' : key)))).toMatchObject({ materialized: 3 });
    expect(called).toEqual(['b', 'd', 'a']);
    expect(valueOf('a')?.preview).toEqual('cBda');
  });

  test('wait for one that failed', async () => {
    const fails = chain((key) => (key === 'b' ? Promise.reject(new Error('no')) : key));
    expect(await run(fails)).toMatchObject({ materialized: 1, failed: 1, blocked: 2 });
    expect(called).toEqual(['c', 'b']);
    expect(await run(chain())).toMatchObject({ materialized: 3, 'up-to-date': 1 });
  });
});
