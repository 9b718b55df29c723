import type { AssetManifest, CheckResult } from '@nx-assets/core';
import type { CheckResult as Kept } from '@nx-assets/event-log';
import type { Workspace } from '@nx-assets/workspace/workspace';
import type { CheckView } from '../wire/index.ts';
import { fromHistory, seenBy } from '@nx-assets/workspace/history';

/** So many last results of a check are shown. */
const MARKS = 12;

/** What must hold of assets, who says so, and what came of it. */
export async function checksOf(workspace: Workspace, assets: readonly AssetManifest[]): Promise<CheckView[]> {
  const byOthers = workspace.assets.filter(({ checked }) => checked !== null);
  const pairs = assets.flatMap((asset) => [
    ...(asset.checked === null ? [[asset, asset] as const] : []),
    ...byOthers.filter(({ checked }) => checked === asset.key).map((by) => [asset, by] as const),
  ]);
  const withChecks = pairs.filter(([, by]) => by.checks.length > 0);
  const kept = await fromHistory(
    workspace.root,
    async (history) => {
      const all = new Map<string, readonly Kept[]>();
      for (const [, { key, checks }] of withChecks)
        all.set(key, await history.checks(key, { limit: MARKS * checks.length }));
      return all;
    },
    new Map<string, readonly Kept[]>(),
  );
  return withChecks.flatMap(([asset, by]) => {
    const reading = workspace.reading(by.key);
    const results = reading.status === 'found' ? reading.record.checks : [];
    return by.checks.map((check) => {
      const own = (kept.get(by.key) ?? []).filter((one) => one.check === check.name).slice(0, MARKS);
      return viewOf(
        asset,
        by,
        check,
        own,
        results.find(({ name }) => name === check.name),
      );
    });
  });
}

/** The newest of history where there is one: a value that did not pass has no record. */
function viewOf(
  asset: AssetManifest,
  by: AssetManifest,
  check: AssetManifest['checks'][number],
  own: readonly Kept[],
  recorded: CheckResult | undefined,
): CheckView {
  const [newest] = own;
  const { facts, rows } = newest ? seenBy(newest) : (recorded ?? { facts: {}, rows: [] });
  return {
    asset: asset.key,
    by: by.key,
    name: check.name,
    description: check.description,
    severity: check.severity,
    passed: newest?.passed ?? recorded?.passed ?? null,
    facts,
    rows,
    at: newest?.at ?? null,
    runId: newest?.runId ?? null,
    last: own.map(({ passed, at, runId }) => ({ passed, at, runId })).reverse(),
  };
}
