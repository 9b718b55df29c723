import type { AssetKey, AssetManifest } from '@nx-assets/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Outcome, RunEvent } from '../events.ts';
import type { AssetPartition } from '../execution/asset-partition.ts';
import type { StepRunner } from '../execution/step-runner.ts';

/** A runner in a workspace that has the assets of `lab.ts` in one group, and nothing materialized. */
export interface RunnerHarness {
  readonly runner: StepRunner;
  readonly manifests: ReadonlyMap<AssetKey, AssetManifest>;
  close(): Promise<void> | void;
}

interface RunOptions {
  readonly signal?: AbortSignal;
  readonly on?: (event: RunEvent) => unknown;
}

const DAYS = ['2026-03-01', '2026-03-02', '2026-03-03', '2026-03-04'];

/** What every runner of units has to do. */
export function stepRunnerContract(name: string, open: () => Promise<RunnerHarness>): void {
  describe(`${name} runs units`, () => {
    let harness: RunnerHarness;
    beforeAll(async () => void (harness = await open()), 120_000);
    afterAll(() => harness.close());

    const piece = (asset: string, partition: string | null = null): AssetPartition => {
      const manifest = [...harness.manifests.values()].find(({ key }) => key.endsWith(`/${asset}`));
      if (!manifest) throw new Error(`The workspace has no asset ${asset}.`);
      return { manifest, partition };
    };
    const run = async (
      partitions: readonly AssetPartition[],
      { signal = new AbortController().signal, on }: RunOptions = {},
    ) => {
      const [{ manifest }] = partitions as readonly [AssetPartition];
      const events: RunEvent[] = [];
      const emit = (event: RunEvent) => {
        events.push(event);
        on?.(event);
      };
      return { outcomes: await harness.runner.run({ manifest, partitions }, { signal, emit }), events };
    };
    const statuses = (outcomes: readonly Outcome[]) =>
      Object.fromEntries(
        outcomes.map(({ key, partition, status }) => [partition ?? key.replace(/^.*\//, ''), status]),
      );

    test('once, and says what steps say on the way but not what they came to', async () => {
      const first = await run([piece('fine')]);
      expect(statuses(first.outcomes)).toEqual({ fine: 'materialized' });
      expect(first.events.map(({ type }) => type)).toEqual(['step-started', 'log']);
      expect(first.events[1]).toMatchObject({ level: 'info', message: 'hello', partition: null });
      const again = await run([piece('fine')]);
      expect(statuses(again.outcomes)).toEqual({ fine: 'up-to-date' });
      expect(again.events).toEqual([]);
    });

    test('of several partitions, each with an outcome of its own, also where some are up to date', async () => {
      const [first = '', ...others] = DAYS;
      const one = await run([piece('days', first)]);
      expect(statuses(one.outcomes)).toEqual({ [first]: 'materialized' });
      const all = await run(DAYS.map((day) => piece('days', day)));
      expect(statuses(all.outcomes)).toEqual({
        [first]: 'up-to-date',
        ...Object.fromEntries(others.map((day) => [day, 'materialized'])),
      });
    });

    test('of all that one function makes, with what nobody asked for', async () => {
      const { outcomes } = await run([piece('left'), { ...piece('right'), coProduct: true }]);
      expect(outcomes.filter(({ key }) => key.endsWith('/left'))).toMatchObject([{ status: 'materialized' }]);
      const alone = await run([piece('right'), { ...piece('left'), coProduct: true }]);
      expect(alone.outcomes.filter(({ key }) => key.endsWith('/right'))).toHaveLength(1);
    });

    test('and a failure is an outcome, no rejection', async () => {
      const { outcomes } = await run([piece('broken')]);
      expect(outcomes).toMatchObject([{ status: 'failed', error: { code: 'MATERIALIZE_THREW' } }]);
      expect(outcomes[0]?.error?.message).toContain('no number today');
    });

    test('until the signal aborts, which is no failure', async () => {
      const abort = new AbortController();
      const { outcomes } = await run([piece('endless')], {
        signal: abort.signal,
        on: (event) => event.type === 'log' && abort.abort(),
      });
      expect(outcomes).toMatchObject([{ status: 'cancelled', error: null }]);
      const late = await run([piece('endless')], { signal: abort.signal });
      expect(statuses(late.outcomes)).toEqual({ endless: 'cancelled' });
    }, 60_000);
  });
}
