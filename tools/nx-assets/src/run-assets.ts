import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { AssetKey, AssetManifest } from '@nx-assets/core';
import type { Outcome } from '@nx-assets/engine';
import { engineVersions, execute, loadDefinitions } from '@nx-assets/engine/execution';
import { DuckDb } from '@nx-assets/storage';
import { absolute, STATE } from '@nx-assets/storage/records';
import { lastManifest, lastSources } from './manifest.ts';
import { appendOutcome, CONCURRENCY, newRunId, RUN_ID } from './outcomes.ts';
import { reportProgress } from './reporter.ts';

export interface RunAssetsOptions {
  readonly root: string;
  readonly keys: readonly AssetKey[];
  readonly refresh: boolean;
  readonly onOutcome?: (outcome: Outcome) => void;
}

/** Brings assets up to date in this process, and tells the terminal and the run's outcome file. */
export async function runAssets(options: RunAssetsOptions): Promise<ReadonlyMap<AssetKey, Outcome>> {
  const { root, keys } = options;
  const now = () => new Date();
  const runId = process.env[RUN_ID] ?? newRunId(now());
  const all = lastManifest(root);
  const manifests = keys
    .map((key) => all.get(key))
    .filter((manifest): manifest is AssetManifest => !!manifest);
  const duckdb = new DuckDb({
    memoryLimit: process.env.NX_ASSETS_MEMORY_LIMIT ?? '512MB',
    spillTo: absolute(root, `${STATE}/scratch/${runId}/spill`),
  });
  const cancellation = new AbortController();
  const cancel = () => cancellation.abort();
  process.once('SIGINT', cancel).once('SIGTERM', cancel).once('disconnect', cancel);
  try {
    return await execute({
      manifests,
      workshop: {
        root,
        runId,
        duckdb,
        env: process.env,
        signal: cancellation.signal,
        now,
        versions: engineVersions(),
      },
      force: process.env.NX_SKIP_NX_CACHE === 'true',
      refresh: options.refresh,
      concurrency: Number(process.env[CONCURRENCY]) || availableParallelism(),
      definitions: async () => {
        const named = await loadDefinitions(root, lastSources(root));
        return new Map(named.map(({ key, definition }) => [key, definition]));
      },
      emit: (event) => {
        reportProgress(event);
        if (event.type !== 'step-finished') return;
        appendOutcome(root, runId, event.outcome);
        options.onOutcome?.(event.outcome);
      },
    });
  } finally {
    process.off('SIGINT', cancel).off('SIGTERM', cancel).off('disconnect', cancel);
    await duckdb.close();
    rmSync(absolute(root, `${STATE}/scratch/${runId}/spill`), { recursive: true, force: true });
  }
}
