import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AssetKey, type AssetManifest, toControl } from '@nx-assets/core';
import { DuckDb } from '@nx-assets/storage';
import { LocalValueStore } from '@nx-assets/storage/records';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Outcome, RunEvent } from '../events.ts';
import { partitioned } from '../test-support.ts';
import { execute, type ExecuteOptions } from './execute.ts';
import { localLocks } from './locks.ts';
import { outcomeOf } from './outcome.ts';
import type { StepRunner, StepUnit } from './step-runner.ts';

let root = '';
let duckdb: DuckDb;
let events: RunEvent[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'runners-'));
  duckdb = new DuckDb({ memoryLimit: '200MB', spillTo: join(root, 'spill') });
  events = [];
});
afterEach(async () => {
  await duckdb.close();
  rmSync(root, { recursive: true, force: true });
});

const days = (extra: Partial<AssetManifest> = {}): AssetManifest => ({
  ...partitioned('g/days', { kind: 'static', keys: ['1', '2', '3', '4'] }),
  ...extra,
});
const single = (name: string, extra: Partial<AssetManifest> = {}): AssetManifest => ({
  ...partitioned(`g/${name}`, null),
  ...extra,
});

const run = (
  manifests: readonly AssetManifest[],
  runner: StepRunner,
  options: Partial<ExecuteOptions> = {},
) =>
  execute({
    manifests,
    environment: {
      root,
      runId: 'r',
      store: new LocalValueStore(root),
      duckdb,
      locks: localLocks(root),
      env: {},
      signal: new AbortController().signal,
      now: () => new Date(),
      versions: {},
    },
    force: false,
    refresh: false,
    concurrency: 2,
    runnerFor: () => runner,
    definitions: () => Promise.reject(new Error('is run elsewhere')),
    emit: (event) => void events.push(event),
    ...options,
  });

const made = ({ partitions }: StepUnit): Outcome[] =>
  partitions.map((piece) => outcomeOf(piece, 1, 2, { status: 'materialized' }));

describe('a runner', () => {
  test('gets all partitions of a ranged step at once', async () => {
    const units: StepUnit[] = [];
    const runner: StepRunner = {
      run: (unit) => {
        units.push(unit);
        return Promise.resolve(made(unit));
      },
    };
    const ranged = days({ backfill: { column: 'day' } });
    const outcomes = await run([ranged], runner);
    expect(units.map(({ partitions }) => partitions.length)).toEqual([4]);
    expect(outcomes.get(ranged.key)).toMatchObject({
      status: 'materialized',
      partitions: { counts: { materialized: 4 } },
    });
  });

  test('that leaves out what it was given is a bug of ours, and the run ends all the same', async () => {
    const forgetful: StepRunner = { run: (unit) => Promise.resolve(made(unit).slice(0, 1)) };
    const ranged = days({ backfill: { column: 'day' } });
    const after = single('after', { deps: { days: ranged.key }, mappings: { days: { kind: 'all' } } });
    const outcomes = await run([ranged, after], forgetful);
    expect(outcomes.get(ranged.key)).toMatchObject({
      status: 'failed',
      error: { code: 'FRAMEWORK_BUG', blame: 'framework' },
      partitions: { counts: { materialized: 1, failed: 3 } },
    });
    expect(outcomes.get(after.key)?.status).toBe('blocked');
  });

  test('that rejects makes the run reject, after what else runs has ended', async () => {
    let isEnded = false;
    const runner: StepRunner = {
      run: async (unit) => {
        if (unit.manifest.key === ('g/bad' as AssetKey)) throw new Error('a bug');
        await new Promise((resolve) => setTimeout(resolve, 30));
        isEnded = true;
        return made(unit);
      },
    };
    const never = single('never', { control: toControl({ priority: -1 }) });
    await expect(run([single('bad'), single('slow'), never], runner)).rejects.toThrow('a bug');
    expect(isEnded).toBe(true);
    expect(events.some((event) => event.type === 'step-finished' && event.outcome.key === never.key)).toBe(
      false,
    );
  });
});

test('a listener that throws stops no run, and is told to itself', async () => {
  const runner: StepRunner = { run: (unit) => Promise.resolve(made(unit)) };
  const heard: RunEvent[] = [];
  const outcomes = await run([single('a'), single('b'), days()], runner, {
    emit: (event) => {
      if (event.type !== 'warning') throw new Error('EACCES: permission denied');
      heard.push(event);
    },
  });
  expect([...outcomes.values()].map(({ status }) => status)).toEqual([
    'materialized',
    'materialized',
    'materialized',
  ]);
  expect(heard).toMatchObject([{ problem: { code: 'LISTENER_FAILED' } }]);
});
