import { type AssetKey, type AssetManifest, toControl } from '@nx-assets/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { manifestOf } from '../contracts/sample-manifests.ts';
import type { Outcome, RunEvent } from '../events.ts';
import { StepPlace } from '../test-support.ts';
import { execute, type ExecuteOptions } from './execute.ts';
import { outcomeOf } from './outcome.ts';
import type { StepRunner, StepUnit } from './step-runner.ts';

let place: StepPlace;
let events: RunEvent[] = [];
beforeEach(() => {
  place = new StepPlace();
  events = [];
});
afterEach(() => place.close());

const days = (backfill: AssetManifest['backfill'] = null) =>
  manifestOf('g/days', { partitions: { kind: 'static', keys: ['1', '2', '3', '4'] }, backfill });

const run = (
  manifests: readonly AssetManifest[],
  runner: StepRunner,
  options: Partial<ExecuteOptions> = {},
) =>
  execute({
    manifests,
    environment: place.environment(),
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
    const ranged = days({ column: 'day' });
    const outcomes = await run([ranged], runner);
    expect(units.map(({ partitions }) => partitions.length)).toEqual([4]);
    expect(outcomes.get(ranged.key)).toMatchObject({
      status: 'materialized',
      partitions: { counts: { materialized: 4 } },
    });
  });

  test('that leaves out what it was given is a bug of ours, and the run ends all the same', async () => {
    const forgetful: StepRunner = { run: (unit) => Promise.resolve(made(unit).slice(0, 1)) };
    const ranged = days({ column: 'day' });
    const after = manifestOf('g/after', { deps: { days: ranged } });
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
    const never = manifestOf('g/never', { control: toControl({ priority: -1 }) });
    await expect(run([manifestOf('g/bad'), manifestOf('g/slow'), never], runner)).rejects.toThrow('a bug');
    expect(isEnded).toBe(true);
    expect(events.some((event) => event.type === 'step-finished' && event.outcome.key === never.key)).toBe(
      false,
    );
  });
});

test('a listener that throws stops no run, and is told to itself', async () => {
  const runner: StepRunner = { run: (unit) => Promise.resolve(made(unit)) };
  const heard: RunEvent[] = [];
  const outcomes = await run([manifestOf('g/a'), manifestOf('g/b'), days()], runner, {
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
