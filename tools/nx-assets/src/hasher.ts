import type { Hash, HasherContext, Task } from '@nx/devkit';
import { type AssetKey, assetKey, type AssetManifest, type DataVersion } from '@nx-assets/core';
import { actionKey, hashEnv, observe } from '@nx-assets/engine';
import { readRecord } from '@nx-assets/storage/records';
import { RunHistory } from './history.ts';
import { lastManifest } from './manifest.ts';
import { beginEpoch, taskHash } from './nx-cache.ts';
import { appendRequested, FRESH, ROOT, RUN_ID } from './outcomes.ts';

// Nx hands its root to executors and hooks, but not to hashers.
const root = process.env[ROOT] ?? process.cwd();
let manifests: ReadonlyMap<string, AssetManifest> | undefined;
let epoch = 0;

/**
 * Nx's hash of an asset is the action key (`nx-cache.ts` says when it is not): code, inputs' data, declared environment and observation. Nx asks
 * level by level, when the records of what a task depends on are on disk.
 */
export default async function hashAsset(
  task: Task,
  context?: Pick<HasherContext, 'taskGraph'>,
): Promise<Hash> {
  if (!manifests) {
    manifests = lastManifest(root);
    epoch = beginEpoch(root);
    if (context?.taskGraph) await beginRun(Object.values(context.taskGraph.tasks), manifests);
  }
  const manifest = manifests.get(assetKey(task.target.project, task.target.target));
  if (!manifest) throw new Error(`${task.id} is not an asset.`);
  const overrides = task.overrides as { refresh?: boolean } | undefined;
  const refresh = overrides?.refresh === true || process.env[FRESH] === 'true';
  const inputs = Object.fromEntries(
    Object.entries(manifest.deps).map(([alias, key]) => [alias, { key, dataVersion: dataVersionOf(key) }]),
  );
  const key = actionKey(manifest, {
    inputs,
    env: hashEnv(manifest.env, process.env),
    observedAt: observe(root, manifest, new Date(), refresh),
  });
  const value = taskHash(key, epoch);
  return { value, details: { command: value, nodes: {}, implicitDeps: {}, runtime: {} } };
}

/** The first graph that Nx shows has every task of the run. */
async function beginRun(tasks: readonly Task[], known: ReadonlyMap<string, AssetManifest>): Promise<void> {
  const runId = process.env[RUN_ID];
  if (runId === undefined) return;
  const requested = tasks
    .map(({ target }) => assetKey(target.project, target.target))
    .filter((key) => known.has(key));
  appendRequested(root, runId, requested);
  const history = await RunHistory.open(root, runId);
  history.begin(process.argv.slice(2), requested, Date.now());
  history.close();
}

function dataVersionOf(key: AssetKey): DataVersion | null {
  const reading = readRecord(root, key);
  return reading.status === 'found' ? reading.record.dataVersion : null;
}
