import { AssetError, type AssetKey } from '@nx-assets/core';
import { assetDetail, materializationView } from './asset-detail.ts';
import { automationView, ticksView } from './automation-view.ts';
import { checksOf } from './checks-view.ts';
import { compareView, rowsDiff } from './compare-view.ts';
import type { EventReducer, HistoryFollower } from './follow.ts';
import { partitionsView } from './partitions-view.ts';
import { previewView } from './preview-view.ts';
import { numberIn, statusIn } from './query-values.ts';
import { runView, stepView } from './run-view.ts';
import type { Snapshot } from './snapshot.ts';
import type { ConsoleApi, Params } from '../api.ts';
import type { AssetView, RunDetail } from '../wire/index.ts';
import { findRun } from '@nx-assets/workspace/history';
import { lastOtherTargets } from '@nx-assets/workspace/manifest';
import { commandsFor } from '@nx-assets/runner/nx-commands';
import type { Workspace } from '@nx-assets/workspace/workspace';

/** What answers are made from. */
export interface Sources {
  readonly root: string;
  readonly snapshot: Snapshot;
  readonly follower: HistoryFollower;
  readonly reducer: EventReducer;
  /** Looks again, unless there was a look just now. */
  readonly catchUp: () => Promise<void>;
  /** Waits for a run that was asked for just now. */
  readonly begins: (runId: string) => Promise<void>;
}

/** What each address is answered with. */
export function answersOf({
  root,
  snapshot,
  follower,
  reducer,
  catchUp,
  begins,
}: Sources): ConsoleApi['answers'] {
  const assetOf = async ({ group, name }: Params) => {
    const workspace = await snapshot.workspace();
    const manifest = workspace.graph.nodes.get(`${group}/${name}` as AssetKey);
    if (!manifest) throw new AssetError('SELECTION_INVALID', `There is no asset ${group}/${name}.`);
    return { workspace, manifest };
  };
  return {
    '/api/workspace': async () => {
      await catchUp();
      const running = await reducer.under(follower.history);
      return { ...snapshot.view(follower.cursor), running };
    },
    '/api/assets/:group/:name': async (params) => {
      const { workspace, manifest } = await assetOf(params);
      const view = snapshot.view(0).assets.find(({ key }) => key === manifest.key) as AssetView;
      return assetDetail(workspace, view);
    },
    '/api/assets/:group/:name/history': async (params, query) => {
      const { key } = (await assetOf(params)).manifest;
      const { partition } = query;
      const options = {
        limit: numberIn(query, 'limit', 50, 1_000),
        ...(partition === undefined ? {} : { partition }),
      };
      return (await follower.history.materializations(key, options)).map(materializationView);
    },
    '/api/assets/:group/:name/preview': async (params, query) => {
      const { workspace, manifest } = await assetOf(params);
      return previewView(workspace, manifest, {
        offset: numberIn(query, 'offset', 0, 1e12),
        limit: numberIn(query, 'limit', 50, 500),
        sort: query['sort'] ?? null,
        descending: query['direction'] === 'desc',
        partition: query['partition'] ?? null,
      });
    },
    '/api/assets/:group/:name/partitions': async (params, query) => {
      const { workspace, manifest } = await assetOf(params);
      return partitionsView(workspace, manifest, reducer.running(manifest.key), {
        offset: query['offset'] === undefined ? null : numberIn(query, 'offset', 0, 1e9),
        limit: numberIn(query, 'limit', 100, 1_000),
        state: query['state'] ?? null,
      });
    },
    '/api/runs': async (_, query) => {
      const { status, before, asset } = query;
      const older = before === undefined ? null : await follower.history.run(before);
      const runs = await follower.history.runs({
        limit: numberIn(query, 'limit', 50, 500),
        ...(status === undefined ? {} : { status: statusIn(status) }),
        ...(older ? { before: older } : {}),
        ...(asset === undefined ? {} : { key: asset as AssetKey }),
      });
      return runs.map(runView);
    },
    '/api/runs/:id': async ({ id = '' }) => {
      await begins(id);
      return runDetail(await snapshot.workspace(), follower, id);
    },
    '/api/runs/:id/logs': async ({ id = '' }, query) => {
      const run = await findRun(follower.history, id);
      const limit = numberIn(query, 'limit', 2_000, 10_000);
      const { key } = query;
      const options = {
        after: numberIn(query, 'after', 0, 1e15),
        limit: limit + 1,
        ...(key === undefined ? {} : { key: key as AssetKey }),
      };
      const lines = await follower.history.logs(run.runId, options);
      return { lines: lines.slice(0, limit), hasMore: lines.length > limit };
    },
    '/api/checks': async () => {
      const workspace = await snapshot.workspace();
      return checksOf(workspace, workspace.assets);
    },
    '/api/automation': async () => automationView(await snapshot.workspace()),
    '/api/automation/ticks': (_, query) =>
      ticksView(root, query['name'] ?? null, numberIn(query, 'limit', 50, 500)),
    '/api/compare': async (_, { from, to }) => {
      if (!from || !to) throw new AssetError('COMMAND_INVALID', 'Two runs are needed to compare.');
      return compareView(await snapshot.workspace(), follower.history, from, to);
    },
    '/api/compare/rows': async (_, query) => {
      const { from = '', to = '', asset = '' } = query;
      const limit = numberIn(query, 'limit', 100, 1_000);
      return rowsDiff(await snapshot.workspace(), follower.history, { from, to, asset, limit });
    },
  };
}

async function runDetail(
  { graph, root }: Workspace,
  { history, cursor }: HistoryFollower,
  id: string,
): Promise<RunDetail> {
  const run = await findRun(history, id);
  const steps = await history.steps(run.runId);
  const failed = [...new Set(steps.filter(({ status }) => status === 'failed').map(({ key }) => key))];
  const again = commandsFor(
    failed.filter((key) => graph.nodes.has(key)),
    graph.nodes,
    {},
    lastOtherTargets(root),
  ).map((args) => `npx nx ${args.join(' ')}`);
  return { run: runView(run), steps: steps.map(stepView), again: failed.length === 0 ? [] : again, cursor };
}
