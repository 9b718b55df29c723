import type { PlannedStep, Reason } from '@nx-assets/engine';
import type { AssetKey, Freshness } from '@nx-assets/core';
import { assetStates, type StepFailure } from './asset-status.ts';
import type { PartitionCounts } from './partition-status.ts';
import { fileHistory, type FileHistory } from './git.ts';
import { Workspace } from './workspace.ts';
import type { HistoryReader, Step } from '@nx-assets/event-log';
import { fromHistory } from './history.ts';

/** How what is there came about. */
interface Made {
  readonly at: string;
  readonly runId: string;
  readonly dataVersion: string;
  /** Why it ran then, as far as history goes back. */
  readonly reasons: readonly Reason[];
}

/** Reasons that name files, of which git knows who edited them. */
const FILES: ReadonlySet<Reason['kind']> = new Set(['code-changed', 'file-changed']);

/** A link in the chain: an asset, why it stands as it does, and the links that it hangs on. */
export interface Link {
  readonly key: AssetKey;
  readonly status: readonly string[];
  readonly action: PlannedStep['action'];
  readonly reasons: readonly Reason[];
  readonly failure: StepFailure | null;
  /** How its partitions stand, where it has some. */
  readonly partitions: PartitionCounts | null;
  readonly freshness: Freshness | null;
  readonly dataFrom: string | null;
  /** Checks on what it depends on that did not pass. */
  readonly stoppedBy: readonly AssetKey[];
  readonly files: readonly (FileHistory & { readonly path: string })[];
  readonly materialized: Made | null;
  readonly upstream: readonly Link[];
}

/** The chain of reasons of one asset, up to where it comes from. */
export async function explain(workspace: Workspace, key: AssetKey): Promise<Link> {
  const madeBecause = await reasonsOfRuns(workspace);
  const all = await assetStates(workspace);
  const known = new Map<AssetKey, Link>();
  const linkOf = (asset: AssetKey): Link => {
    const found = known.get(asset);
    if (found) return found;
    const state = all.get(asset);
    const { reasons = [], action = 'keep' } = state?.step ?? {};
    const reading = workspace.reading(asset);
    const stoppedBy = state?.manifest.blockingChecks.filter((check) => all.get(check)?.failure) ?? [];
    const files = reasons.flatMap((reason) =>
      FILES.has(reason.kind) && 'files' in reason ? reason.files : [],
    );
    const link: Link = {
      key: asset,
      status: state?.statuses ?? [],
      action,
      reasons,
      failure: state?.failure ?? null,
      partitions: state?.counts ?? null,
      freshness: state?.manifest.freshness ?? null,
      dataFrom: state?.dataFrom ?? null,
      files: files.map((path) => ({
        path,
        ...(fileHistory(workspace.root, path) ?? { isUncommitted: false, commit: null }),
      })),
      materialized:
        reading.status === 'found'
          ? {
              at: reading.record.finishedAt,
              runId: reading.record.runId,
              dataVersion: reading.record.dataVersion,
              reasons: madeBecause(asset, reading.record.runId),
            }
          : null,
      stoppedBy,
      upstream: [...new Set([...reasons.flatMap(upstreamOf), ...stoppedBy])]
        // One of its own partitions may be the reason for another.
        .filter((one) => one !== asset)
        .map(linkOf),
    };
    known.set(asset, link);
    return link;
  };
  return linkOf(key);
}

/** Why assets ran in the runs that made what is there. */
async function reasonsOfRuns(
  workspace: Workspace,
): Promise<(key: AssetKey, runId: string) => readonly Reason[]> {
  const readings = workspace.assets.map(({ key }) => workspace.reading(key));
  const runIds = new Set(readings.flatMap((one) => (one.status === 'found' ? [one.record.runId] : [])));
  const steps = new Map<string, Step>();
  const read = async (history: HistoryReader) => {
    for (const runId of runIds) {
      for (const step of await history.steps(runId)) steps.set(`${runId} ${step.key}`, step);
    }
  };
  await fromHistory(workspace.root, read, undefined);
  return (key, runId) => (steps.get(`${runId} ${key}`)?.reasons ?? []) as unknown as readonly Reason[];
}

const TO_UPSTREAM: ReadonlySet<Reason['kind']> = new Set([
  'upstream-changed',
  'upstream-failed',
  'upstream-blocked',
  'partitions-missing',
]);

function upstreamOf(reason: Reason): readonly AssetKey[] {
  if (reason.kind === 'upstream-undecided') return reason.keys;
  return TO_UPSTREAM.has(reason.kind) && 'key' in reason ? [reason.key] : [];
}
