import { existsSync } from 'node:fs';
import { AssetError, type AssetKey, type AssetManifest } from '@nx-assets/core';
import {
  type AssetStatus,
  needsStatus,
  parseSelection,
  select,
  suggest,
  unmatched,
} from '@nx-assets/core/selection';
import { dataTimes, type Failure, type PlannedStep, statusesOf } from '@nx-assets/engine';
import type { Step } from '@nx-assets/event-log';
import { historyPath, openHistory } from '../history.ts';
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
}

export interface StepFailure {
  readonly runId: string;
  readonly at: string;
  readonly error: Failure;
}

/** How every asset stands. */
export async function standings(workspace: Workspace): Promise<Map<AssetKey, StandingAsset>> {
  const failed = await failedSteps(workspace);
  const times = dataTimes(workspace.graph, (key) => workspace.reading(key));
  const steps = workspace.plan(workspace.graph.order, { force: false, refresh: false });
  return new Map(
    steps.map((step) => {
      const manifest = workspace.graph.nodes.get(step.key) as AssetManifest;
      const statuses = statusesOf({
        dataFrom: times.get(step.key) ?? null,
        now: Date.now(),
        manifest,
        step,
        reading: workspace.reading(step.key),
        failed: failed.has(step.key),
      });
      const from = times.get(step.key) ?? null;
      const dataFrom = from === null ? null : new Date(from).toISOString();
      const failure = failed.get(step.key) ?? null;
      return [step.key, { manifest, step, statuses, failure, dataFrom }];
    }),
  );
}

/** Assets whose last step failed. A history that cannot be read says nothing of them. */
async function failedSteps({ root, graph }: Workspace): Promise<ReadonlyMap<AssetKey, StepFailure>> {
  if (!existsSync(historyPath(root))) return new Map();
  const history = await openHistory(root).catch(() => null);
  try {
    const steps = (await history?.lastSteps(graph.order)) ?? new Map<AssetKey, Step>();
    const failed = [...steps.values()].filter(({ status, error }) => status === 'failed' && error !== null);
    return new Map(
      failed.map(({ key, runId, finishedAt, startedAt, error }) => {
        const at = new Date(finishedAt ?? startedAt).toISOString();
        return [key, { runId, at, error: error as unknown as Failure }];
      }),
    );
  } catch {
    return new Map();
  } finally {
    history?.close();
  }
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
    throw new AssetError('SELECTION_INVALID', `No asset fits ${texts.join(', ')}.`, {
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
