import {
  dataTimes,
  type Failure,
  type Partitioning,
  type PlannedStep,
  type PlanOptions,
  statusesOf,
} from '@nx-assets/engine';
import type { Step } from '@nx-assets/event-log';
import type { RunConfig } from '@nx-assets/core/config';
import { asOne, byAsset, countStates, type PartitionCounts } from './partition-status.ts';
import type { Workspace } from './workspace.ts';
import type { AssetKey, AssetManifest } from '@nx-assets/core';
import type { AssetStatus } from '@nx-assets/core/selection';
import {
  askedAssets,
  askedPartitions,
  hasPartitionFlags,
  type PartitionFlags,
  readFlags,
} from './partition-request.ts';
import { readRunConfig } from './run-config.ts';
import { factsOf } from './run-plan.ts';
import { fromHistory } from './history.ts';

/** An asset, with what a run would do with it and how it stands. */
export interface AssetState {
  readonly manifest: AssetManifest;
  readonly step: PlannedStep;
  readonly statuses: readonly AssetStatus[];
  /** Its last step, where that failed. */
  readonly failure: StepFailure | null;
  /** When the oldest data that it is made from was asked for, ISO 8601; `null` where nobody knows. */
  readonly dataFrom: string | null;
  /** How its partitions stand, where it has some. */
  readonly counts: PartitionCounts | null;
}

export interface StepFailure {
  readonly runId: string;
  readonly at: string;
  readonly error: Failure;
}

/** How assets stand; all of them where none are named. */
export async function assetStates(
  workspace: Workspace,
  keys: readonly AssetKey[] = workspace.graph.order,
): Promise<Map<AssetKey, AssetState>> {
  const failed = await failedSteps(workspace);
  const times = dataTimes(workspace.graph, (key) => workspace.reading(key));
  const steps = await workspace.plan(keys, { force: false, refresh: false });
  const isWanted = new Set([...keys, ...steps.map(({ key }) => key)]);
  const assets = workspace.assets.filter(({ key }) => isWanted.has(key));
  const cut = assets.filter(({ partitions }) => partitions).map(({ key }) => key);
  const failedParts = await failedPartitions(workspace, cut);
  const planned = byAsset(steps);
  return new Map(
    assets.map((manifest): readonly [AssetKey, AssetState] => {
      const { key } = manifest;
      const own = planned.get(key) ?? [];
      const step = asOne(own) ?? { key, partition: null, action: 'keep', reasons: [{ kind: 'unchanged' }] };
      const failure = failed.get(key) ?? null;
      if (manifest.partitions) {
        const counts = countStates(own, failedParts);
        const isFailed = counts.failed > 0;
        const statuses = statusesOfParts(counts);
        return [
          key,
          { manifest, step, failure: isFailed ? failure : null, dataFrom: null, counts, statuses },
        ];
      }
      const from = times.get(key) ?? null;
      const reading = workspace.reading(key);
      const statuses = statusesOf({
        dataFrom: from,
        now: workspace.context.now().getTime(),
        manifest,
        step,
        reading,
        failed: failed.has(key),
      });
      const dataFrom = from === null ? null : new Date(from).toISOString();
      return [key, { manifest, step, statuses, failure, dataFrom, counts: null }];
    }),
  );
}

/** The states of an asset with partitions: missing when all are, stale when some are anything but fresh. */
function statusesOfParts({ total, fresh, missing, failed }: PartitionCounts): AssetStatus[] {
  const statuses: AssetStatus[] = failed > 0 ? ['failed'] : [];
  if (total > 0 && missing === total) statuses.push('missing');
  else if (fresh < total) statuses.push('stale');
  return statuses.length > 0 ? statuses : ['fresh'];
}

/** What a run with these flags would do. */
export async function planOf(
  workspace: Workspace,
  chosen: readonly AssetKey[],
  flags: PartitionFlags & PlanOptions & { readonly config?: readonly string[] },
): Promise<PlannedStep[]> {
  const { force, refresh, config = [] } = flags;
  const runConfig = readRunConfig(config, workspace.context.cwd);
  const steps = await planOfParts(workspace, chosen, flags, { force, refresh }, runConfig);
  await workspace.checkConfig([...byAsset(steps).keys()], runConfig);
  return steps;
}

async function planOfParts(
  workspace: Workspace,
  chosen: readonly AssetKey[],
  flags: PartitionFlags,
  options: PlanOptions,
  runConfig: RunConfig,
): Promise<PlannedStep[]> {
  if (!hasPartitionFlags(flags)) return workspace.plan(chosen, options, undefined, runConfig);
  const partitioning = await workspace.partitioning();
  const asked = askedAssets(workspace.graph, new Set(chosen), new Set(chosen));
  const facts = partitionFacts(workspace, asked, partitioning);
  const parts = await askedPartitions(asked, readFlags(workspace.root, flags), partitioning, facts);
  return workspace.plan(chosen, options, parts, runConfig);
}

/** What the flags that narrow a choice of partitions look at. */
export const partitionFacts = (workspace: Workspace, keys: readonly AssetKey[], partitioning: Partitioning) =>
  factsOf(workspace.context, workspace.graph, keys, partitioning);

/** Partitions whose last step failed, as `key partition`. */
export async function failedPartitions(
  workspace: Workspace,
  keys: readonly AssetKey[],
): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set();
  return partitionFacts(workspace, keys, await workspace.partitioning()).failed();
}

/** Assets whose last step failed. A history that cannot be read says nothing of them. */
async function failedSteps({ root, graph }: Workspace): Promise<ReadonlyMap<AssetKey, StepFailure>> {
  const steps = await fromHistory(
    root,
    (history) => history.lastSteps(graph.order),
    new Map<AssetKey, Step>(),
  );
  const failed = [...steps.values()].filter(({ status, error }) => status === 'failed' && error !== null);
  return new Map(
    failed.map(({ key, runId, finishedAt, startedAt, error }) => {
      const at = new Date(finishedAt ?? startedAt).toISOString();
      return [key, { runId, at, error: error as unknown as Failure }];
    }),
  );
}
