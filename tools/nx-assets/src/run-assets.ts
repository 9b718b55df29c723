import { availableParallelism } from 'node:os';
import type { AssetKey, AssetManifest } from '@nx-assets/core';
import type { Outcome } from '@nx-assets/engine';
import { execute } from '@nx-assets/engine/execution';
import { isolate } from './isolate.ts';
import { lastManifest } from './manifest.ts';
import { appendOutcome, CONCURRENCY } from './outcomes.ts';
import { pluginOptions } from './plugin-options.ts';
import { reportProgress } from './reporter.ts';
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
  const manifests = keys
    .map((key) => all.get(key))
    .filter((manifest): manifest is AssetManifest => !!manifest);
  return withWorkshop(root, (workshop, history) =>
    execute({
      manifests,
      workshop,
      force: isForced,
      refresh: options.refresh,
      pools: pluginOptions(root).pools ?? {},
      concurrency: Number(process.env[CONCURRENCY]) || availableParallelism(),
      isolate: (key, emit) => isolate({ root, key, force: isForced, refresh: options.refresh }, emit),
      definitions: () => definitionsOf(root),
      emit: (event) => {
        reportProgress(event);
        history.record(event);
        if (event.type !== 'step-finished') return;
        appendOutcome(root, workshop.runId, event.outcome);
        options.onOutcome?.(event.outcome);
      },
    }),
  );
}
