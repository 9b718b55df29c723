import {
  type AnyAsset,
  asset,
  type AssetKey,
  type AssetManifest,
  buildGraph,
  daily,
  hourly,
} from '@nx-assets/core';
import { readRecord } from '@nx-assets/storage/records';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { manifestOf } from '../contracts/sample-manifests.ts';
import type { RunEvent } from '../events.ts';
import { inputsOf } from '../inputs.ts';
import { Partitioning, withUpstream } from '../partitioning.ts';
import { plan, type StateReader } from '../plan.ts';
import { describeReasons } from '../reason.ts';
import { StepPlace } from '../test-support.ts';
import { execute } from './execute.ts';

let place: StepPlace;
let called: string[] = [];
beforeEach(() => {
  place = new StepPlace();
  called = [];
});
afterEach(() => place.close());

const NOVEMBER = daily({ start: '2026-11-24' }).spec;
const HOURS = hourly({ start: '2026-11-24' }).spec;
const now = Date.parse('2026-11-25T10:30Z');
const keyed = (name: string) => ({ type: 'json', path: `output/lab/${name}/{partition}.json` }) as const;
const hours = manifestOf('lab/hours', { partitions: HOURS, output: keyed('hours') });
const days = manifestOf('lab/days', { partitions: NOVEMBER, output: keyed('days') });
const priced = manifestOf('lab/priced', {
  partitions: HOURS,
  deps: { hours, days },
  output: keyed('priced'),
});
const report = manifestOf('lab/report', { partitions: HOURS, deps: { priced }, output: keyed('report') });
const lenient: AssetManifest = {
  ...priced,
  mappings: { ...priced.mappings, days: { kind: 'windows', mayBeMissing: true } },
};

/** Everything that goes into an hour of the report. */
function hourOf(partition: string, manifests: readonly AssetManifest[]) {
  const partitioning = new Partitioning(new Map(manifests.map((one) => [one.key, one])), {
    now,
    dynamicKeys: () => [],
    custom: () => null,
  });
  const graph = buildGraph(manifests);
  return {
    graph,
    partitioning,
    wanted: withUpstream(graph, partitioning, new Map([[report.key, [partition]]])),
  };
}

const definition = (key: AssetKey): AnyAsset =>
  asset({
    description: 'd',
    value: z.object({ n: z.int() }),
    materialize: () => {
      called.push(key);
      return { n: 1 };
    },
  });

async function run(partition: string, manifests: readonly AssetManifest[]) {
  const { partitioning, wanted } = hourOf(partition, manifests);
  const events: RunEvent[] = [];
  const outcomes = await execute({
    manifests,
    wanted,
    partitioning,
    environment: place.environment({ now: () => new Date(now) }),
    force: false,
    refresh: false,
    concurrency: 2,
    definitions: () => Promise.resolve(new Map(manifests.map(({ key }) => [key, definition(key)]))),
    emit: (event) => void events.push(event),
  });
  return { outcomes, started: events.flatMap((event) => (event.type === 'step-started' ? [event.key] : [])) };
}

/** A state in which nothing was made. */
const nothing = (partitioning: Partitioning): StateReader => ({
  now: new Date(now),
  env: {},
  partitioning,
  reading: () => ({ status: 'missing' }),
  lastObservation: () => null,
  bytesOnDisk: () => null,
  cachedReading: () => ({ status: 'missing' }),
});

const all = [hours, days, priced, report];

describe('a step that needs a partition that does not exist', () => {
  test('fails before it starts, names it, publishes nothing, and blocks what is made from it', async () => {
    const { outcomes, started } = await run('2026-11-25T09', all);
    const failure = outcomes.get(priced.key);
    expect(failure).toMatchObject({
      status: 'failed',
      partitions: { failed: [{ partition: '2026-11-25T09' }] },
    });
    expect(JSON.stringify(failure)).toContain(
      'PARTITION_MISSING: lab/priced [2026-11-25T09] needs lab/days [2026-11-25], which does not exist.',
    );
    expect(outcomes.get(report.key)?.status).toBe('blocked');
    expect(started).toEqual([hours.key]);
    expect(called).toEqual([hours.key]);
    expect(readRecord(place.root, priced.key, '2026-11-25T09').status).toBe('missing');
  });

  test('runs where the mapping says that it may be missing', async () => {
    const { outcomes } = await run('2026-11-25T09', [hours, days, lenient, report]);
    expect(outcomes.get(report.key)?.status).toBe('materialized');
    expect(called).toEqual([hours.key, lenient.key, report.key]);
    // What was made without it counts for nothing where it must not be missing.
    const strict = await run('2026-11-25T09', all);
    expect(strict.outcomes.get(priced.key)?.status).toBe('failed');
  });

  test('runs where it exists', async () => {
    const { outcomes } = await run('2026-11-24T09', all);
    expect(outcomes.get(report.key)?.status).toBe('materialized');
  });

  test('is blocked in a plan, with what it needs, and so is what is made from it', () => {
    const { graph, wanted, partitioning } = hourOf('2026-11-25T09', all);
    const steps = plan(graph, wanted, nothing(partitioning), { force: true, refresh: false });
    expect(steps).toMatchObject([
      { key: hours.key, action: 'run' },
      {
        key: priced.key,
        action: 'blocked',
        reasons: [
          { kind: 'partitions-missing', key: days.key, partitions: ['2026-11-25'] },
          { kind: 'missing' },
        ],
      },
      {
        key: report.key,
        action: 'blocked',
        reasons: [{ kind: 'upstream-blocked', key: priced.key }, { kind: 'missing' }],
      },
    ]);
    expect(steps.map(({ reasons }) => describeReasons(reasons))).toEqual([
      'not materialized yet',
      'needs lab/days [2026-11-25], which does not exist',
      'upstream cannot run: lab/priced',
    ]);
  });

  test('is not blocked in a plan where it may be missing', () => {
    const { graph, wanted, partitioning } = hourOf('2026-11-25T09', [hours, days, lenient, report]);
    const steps = plan(graph, wanted, nothing(partitioning), { force: false, refresh: false });
    expect(steps.map(({ action }) => action)).toEqual(['run', 'run', 'run']);
  });

  test('has no data version for that input, whatever a file of that name holds', () => {
    const { partitioning } = hourOf('2026-11-25T09', all);
    const { days: input } = inputsOf(priced, '2026-11-25T09', partitioning, () => 'v' as never);
    expect(input).toEqual({ key: days.key, dataVersion: null, partitions: { '2026-11-25': null } });
  });
});
