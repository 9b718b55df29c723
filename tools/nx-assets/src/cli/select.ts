import { AssetError, type AssetKey, type AssetManifest } from '@nx-assets/core';
import {
  type AssetStatus,
  needsStatus,
  parseSelection,
  select,
  suggest,
  unmatched,
} from '@nx-assets/core/selection';
import {
  dataTimes,
  type Failure,
  type Partitioning,
  type PlannedStep,
  type PlanOptions,
  statusesOf,
} from '@nx-assets/engine';
import type { Step } from '@nx-assets/event-log';
import { fromHistory } from '../history.ts';
import {
  askedAssets,
  askedPartitions,
  hasPartitionFlags,
  type PartitionFlags,
} from '../partition-request.ts';
import type { RunConfig } from '@nx-assets/core/config';
import { readRunConfig } from '../run-config.ts';
import { factsOf } from '../run-plan.ts';
import { asOne, byAsset, countStates, type PartitionCounts } from './partition-status.ts';
import type { Workspace } from './workspace.ts';

/** An asset, with what a run would do with it and how it stands. */
export interface StandingAsset {
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
export async function standings(
  workspace: Workspace,
  keys: readonly AssetKey[] = workspace.graph.order,
): Promise<Map<AssetKey, StandingAsset>> {
  const failed = await failedSteps(workspace);
  const times = dataTimes(workspace.graph, (key) => workspace.reading(key));
  const steps = await workspace.plan(keys, { force: false, refresh: false });
  const isWanted = new Set([...keys, ...steps.map(({ key }) => key)]);
  const assets = workspace.assets.filter(({ key }) => isWanted.has(key));
  const cut = assets.filter(({ partitions }) => partitions).map(({ key }) => key);
  const failedParts = await failedPartitions(workspace, cut);
  const planned = byAsset(steps);
  return new Map(
    assets.map((manifest): readonly [AssetKey, StandingAsset] => {
      const { key } = manifest;
      const own = planned.get(key) ?? [];
      const step = asOne(own) ?? { key, partition: null, action: 'reuse', reasons: [{ kind: 'unchanged' }] };
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
        now: Date.now(),
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
  const runConfig = readRunConfig(config, process.cwd());
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
  const parts = await askedPartitions(asked, flags, partitioning, facts);
  return workspace.plan(chosen, options, parts, runConfig);
}

/** What the flags that narrow a choice of partitions look at. */
export const partitionFacts = (workspace: Workspace, keys: readonly AssetKey[], partitioning: Partitioning) =>
  factsOf(workspace.root, workspace.graph, keys, partitioning);

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

/**
 * The assets that a command line names, deps first; all where it names none. Several arguments are one selection with
 * `or` between them. Throws `SELECTION_INVALID`, also where a name names nothing.
 */
export async function chooseAssets(workspace: Workspace, given: readonly string[]): Promise<AssetKey[]> {
  const { assets, graph } = workspace;
  if (given.length === 0) return [...graph.order];
  const selection = parseSelection(
    given.length === 1 ? (given[0] ?? '') : given.map((text) => `(${text})`).join(' or '),
  );
  const lost = unmatched(selection, assets);
  if (lost.length > 0) {
    const texts = lost.map(({ text, suggestion }) =>
      suggestion ? `${text} (did you mean ${suggestion}?)` : text,
    );
    throw new AssetError('SELECTION_INVALID', `No asset matches ${texts.join(', ')}.`, {
      remedy: 'See what there is with `nx-assets ls`.',
    });
  }
  const standing = needsStatus(selection) ? await standings(workspace) : null;
  const chosen = select(
    selection,
    assets.map((asset) => (standing ? { ...asset, status: standing.get(asset.key)?.statuses ?? [] } : asset)),
  );
  return graph.order.filter((key) => chosen.has(key));
}

/** The one asset that a word names: a key, or a name that only one group has. */
export function chooseOne(workspace: Workspace, word: string): AssetManifest {
  const found = workspace.assets.filter(({ key }) => key === word || key.endsWith(`/${word}`));
  const [only] = found;
  if (only && found.length === 1) return only;
  if (found.length > 1) {
    const keys = found.map(({ key }) => key).join(', ');
    throw new AssetError('SELECTION_INVALID', `${word} may be ${keys}.`, { remedy: 'Write the whole key.' });
  }
  const meant = suggest(
    word,
    workspace.assets.flatMap(({ key }) => [key, key.split('/')[1] ?? key]),
  );
  throw new AssetError(
    'SELECTION_INVALID',
    `There is no asset ${word}${meant ? ` (did you mean ${meant}?)` : ''}.`,
    {
      remedy: 'See what there is with `nx-assets ls`.',
    },
  );
}
