import { availableParallelism } from 'node:os';
import type { AssetKey, AssetManifest } from '@nx-assets/core';
import type { Outcome } from '@nx-assets/engine';
import { execute } from '@nx-assets/engine/execution';
import { lastManifest } from '@nx-assets/workspace/manifest';
import { appendOutcome, readRun } from './run-file.ts';
import { CONCURRENCY, RUN_ID } from './run-id.ts';
import { wantedIn } from '@nx-assets/workspace/run-plan';
import { withWorkshop } from './step-environment.ts';
import { pluginOptions } from '@nx-assets/workspace/plugin-options';
import { isolate } from './process-runner.ts';
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
  const all = lastManifest(root);
  const isForced = env.NX_SKIP_NX_CACHE === 'true';
  const { plan, requested } = readRun(root, env[RUN_ID] ?? '');
  // What the same function makes for another task of this run is as much a reason to call it.
  const siblings = keys.flatMap((key) => all.get(key)?.siblings ?? []).filter((key) => requested.has(key));
  const manifests = [...new Set([...keys, ...siblings])]
    .map((key) => all.get(key))
    .filter((manifest): manifest is AssetManifest => !!manifest);
  const { partitioning, wanted } = await wantedIn(context, plan, all);
  const forced = new Set(plan?.forced);
  return withWorkshop(context, (workshop, history) =>
    execute({
      manifests,
      wanted,
      partitioning,
      workshop,
      force: (key) => isForced || forced.has(key),
      refresh: options.refresh,
      pools: pluginOptions(root).pools ?? {},
      concurrency: Number(env[CONCURRENCY]) || availableParallelism(),
      isolate: (own, partition, emit) => {
        const force = isForced || own.some((key) => forced.has(key));
        const timeout = all.get(own[0] as AssetKey)?.control.timeout ?? null;
        return isolate({ root, keys: own, partition, force, refresh: options.refresh }, timeout, emit);
      },
      manifestOf: (key) => all.get(key),
      definitions: () => definitionsOf(root),
      emit: (event) => {
        // Made with one of these; where it has a task of its own in this run, that says so.
        const key = 'outcome' in event ? event.outcome.key : event.key;
        const isBeside = !keys.includes(key);
        if (isBeside && requested.has(key)) return;
        reportProgress(context, event);
        history.record(event);
        if (event.type !== 'asset-finished') return;
        appendOutcome(root, env[RUN_ID] ?? workshop.runId, event.outcome);
        if (!isBeside) options.onOutcome?.(event.outcome);
      },
    }),
  );
}
