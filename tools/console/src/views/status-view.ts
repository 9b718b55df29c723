import type { AssetKey } from '@nx-assets/core';
import { describeReasons, type Reason } from '@nx-assets/engine';
import type { Step } from '@nx-assets/event-log';
import { failureView } from './run-view.ts';
import type { Workspace } from '@nx-assets/workspace/workspace';
import type { AssetStatus, StepMark } from '../wire/index.ts';
import { assetStates } from '@nx-assets/workspace/asset-status';
import { fromHistory } from '@nx-assets/workspace/history';

/** So many last steps of an asset are shown. */
const MARKS = 12;

/** How all assets stand, as `nx-assets status` says it. */
export async function assetStatuses(workspace: Workspace): Promise<Record<string, AssetStatus>> {
  const [all, recent] = await Promise.all([
    assetStates(workspace),
    fromHistory(
      workspace.root,
      (history) => history.recentSteps(workspace.graph.order, MARKS),
      new Map<AssetKey, Step[]>(),
    ),
  ]);
  const views: Record<string, AssetStatus> = {};
  for (const [key, { statuses, step, failure, counts }] of all) {
    const { rowCount, bytes, finishedAt, checks } = await workspace.holds(key);
    const failed = checks.filter(({ passed }) => !passed);
    views[key] = {
      statuses,
      why: describeReasons(step.reasons),
      staleFrom: step.action === 'keep' ? [] : [...new Set(step.reasons.flatMap(upstreamOf))],
      rowCount,
      bytes,
      madeAt: finishedAt === null ? null : Date.parse(finishedAt),
      failure: failure && failureView(failure.error, failure.runId, Date.parse(failure.at)),
      partitions: counts,
      checks: {
        passed: checks.length - failed.length,
        warned: failed.filter(({ severity }) => severity === 'warn').length,
        failed: failed.filter(({ severity }) => severity === 'error').length,
      },
      last: (recent.get(key) ?? []).map(mark),
    };
  }
  return views;
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

const mark = ({ runId, status, startedAt, finishedAt, rowCount }: Step): StepMark => ({
  runId,
  status,
  at: finishedAt ?? startedAt,
  took: Math.max(0, (finishedAt ?? startedAt) - startedAt),
  rowCount,
});
