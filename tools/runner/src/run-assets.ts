import { availableParallelism } from 'node:os';
import type { AssetKey, AssetManifest } from '@nx-assets/core';
import { emitTo, type Outcome, type RunEvent } from '@nx-assets/engine';
import { execute } from '@nx-assets/engine/execution';
import { manifestOfRun } from '@nx-assets/workspace/manifest';
import { MadeValues } from './made-values.ts';
import { appendOutcome, readRun } from './run-file.ts';
import { CONCURRENCY, RUN_ID } from './run-id.ts';
import { wantedIn } from '@nx-assets/workspace/run-plan';
import { withStepEnvironment } from './step-environment.ts';
import { pluginOptions } from '@nx-assets/workspace/plugin-options';
import { processRunner } from './process-runner.ts';
import { readRecord } from '@nx-assets/storage/records';
import { supersede } from '@nx-assets/workspace/nx-cache';
import { definitionsOf } from '@nx-assets/workspace/definitions';
import { reportProgress } from './report.ts';
import type { RunContext } from '@nx-assets/workspace/run-context';

export interface RunAssetsOptions {
  readonly context: RunContext;
  readonly keys: readonly AssetKey[];
  readonly refresh: boolean;
  readonly onOutcome?: (outcome: Outcome) => void;
}

/** Brings assets up to date in this process, and tells the terminal and the run's outcome file. */
export async function runAssets(options: RunAssetsOptions): Promise<ReadonlyMap<AssetKey, Outcome>> {
  const { context, keys } = options;
  const { root, env } = context;
  const all = manifestOfRun(root, env[RUN_ID] ?? '');
  const isForcedAll = env.NX_SKIP_NX_CACHE === 'true';
  const { plan, requested } = readRun(root, env[RUN_ID] ?? '');
  // What the same function makes for another task of this run is as much a reason to call it.
  const siblings = keys.flatMap((key) => all.get(key)?.siblings ?? []).filter((key) => requested.has(key));
  const manifests = [...new Set([...keys, ...siblings])]
    .map((key) => all.get(key))
    .filter((manifest): manifest is AssetManifest => !!manifest);
  const { partitioning, wanted } = await wantedIn(context, plan, all);
  const forced = new Set(plan?.forced);
  const isForced = (key: AssetKey) => isForcedAll || forced.has(key);
  const made = new MadeValues(context, (key) => all.get(key));
  return withStepEnvironment(context, async (environment, history) => {
    const runId = env[RUN_ID] ?? environment.runId;
    const inOwnProcess = processRunner({ root, runId, env, refresh: options.refresh, isForced });
    const emit = emitTo([
      { name: 'The terminal', on: (event) => reportProgress(context, event) },
      { name: 'The history', on: (event) => history.record(event) },
      {
        name: 'The run file',
        on: (event) => {
          if (event.type !== 'asset-finished') return;
          appendOutcome(root, runId, event.outcome);
        },
      },
      {
        name: 'The cache',
        on: (event) => {
          if (event.type !== 'step-finished') return;
          const { key, partition, status, changed } = event.outcome;
          if (status !== 'materialized' || changed === false || !isForced(key)) return;
          const made = readRecord(root, key, partition);
          if (made.status === 'found') supersede(context, made.record.actionKey);
        },
      },
      { name: 'The values', on: (event) => made.on(event) },
      {
        name: 'Nx',
        on: (event) => {
          if (event.type === 'asset-finished' && keys.includes(event.outcome.key))
            options.onOutcome?.(event.outcome);
        },
      },
    ]);
    const outcomes = await execute({
      manifests,
      wanted,
      partitioning,
      environment,
      force: isForced,
      refresh: options.refresh,
      pools: pluginOptions(root).pools ?? {},
      concurrency: Number(env[CONCURRENCY]) || availableParallelism(),
      runnerFor: ({ manifest }, here) => (manifest.control.isolated ? inOwnProcess : here),
      manifestOf: (key) => all.get(key),
      definitions: () => definitionsOf(root),
      emit: (event) => {
        // Made with one of these; where it has a task of its own in this run, that says so.
        const key = keyOf(event);
        if (key !== null && requested.has(key) && !keys.includes(key)) return;
        emit(event);
      },
    });
    await made.disownChanged();
    return outcomes;
  });
}

/** The asset that an event is about; `null` where it is about the run. */
function keyOf(event: RunEvent): AssetKey | null {
  if ('outcome' in event) return event.outcome.key;
  return 'key' in event ? event.key : null;
}
