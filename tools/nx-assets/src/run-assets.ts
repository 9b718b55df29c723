import { availableParallelism } from 'node:os';
import type { AssetKey, AssetManifest } from '@nx-assets/core';
import type { Outcome } from '@nx-assets/engine';
import { execute } from '@nx-assets/engine/execution';
import { isolate } from './isolate.ts';
import { lastManifest } from './manifest.ts';
import { appendOutcome, CONCURRENCY, readRun, RUN_ID } from './outcomes.ts';
import { pluginOptions } from './plugin-options.ts';
import { reportProgress } from './reporter.ts';
import { wantedIn } from './run-plan.ts';
import { definitionsOf, withWorkshop } from './workshop.ts';

export interface RunAssetsOptions {
  readonly root: string;
  readonly keys: readonly AssetKey[];
  readonly refresh: boolean;
  readonly onOutcome?: (outcome: Outcome) => void;
}

/** Brings assets up to date in this process, and tells the terminal and the run's outcome file. */
export async function runAssets(options: RunAssetsOptions): Promise<ReadonlyMap<AssetKey, Outcome>> {
  const { root, keys } = options;
  const all = lastManifest(root);
  const isForced = process.env.NX_SKIP_NX_CACHE === 'true';
  const { plan, requested } = readRun(root, process.env[RUN_ID] ?? '');
  // What the same function makes for another task of this run is as much a reason to call it.
  const siblings = keys.flatMap((key) => all.get(key)?.siblings ?? []).filter((key) => requested.has(key));
  const manifests = [...new Set([...keys, ...siblings])]
    .map((key) => all.get(key))
    .filter((manifest): manifest is AssetManifest => !!manifest);
  const { partitioning, wanted } = await wantedIn(root, plan, all);
  const forced = new Set(plan?.forced);
  return withWorkshop(root, (workshop, history) =>
    execute({
      manifests,
      wanted,
      partitioning,
      workshop,
      force: (key) => isForced || forced.has(key),
      refresh: options.refresh,
      pools: pluginOptions(root).pools ?? {},
      concurrency: Number(process.env[CONCURRENCY]) || availableParallelism(),
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
        reportProgress(event);
        history.record(event);
        if (event.type !== 'asset-finished') return;
        appendOutcome(root, process.env[RUN_ID] ?? workshop.runId, event.outcome);
        if (!isBeside) options.onOutcome?.(event.outcome);
      },
    }),
  );
}
