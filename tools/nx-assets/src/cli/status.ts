import type { AssetKey } from '@nx-assets/core';
import type { AssetStatus } from '@nx-assets/core/selection';
import { describeReasons } from '@nx-assets/engine';
import { colours as pc } from '@nx-assets/workspace/colours';
import { ago, print, printJson } from './output.ts';
import type { StatusFlags } from './flags.ts';
import { type ValueSummary, Workspace } from '@nx-assets/workspace/workspace';
import { chooseAssets } from '@nx-assets/workspace/choose-assets';
import { type AssetState, assetStates } from '@nx-assets/workspace/asset-status';
import { describeCounts } from '@nx-assets/workspace/partition-status';
import { count, plural, table, type TableColumn } from '@nx-assets/workspace/format';
import { EXIT } from './exit.ts';
import type { ProcessContext } from '@nx-assets/workspace/run-context';

const SIGNS: Readonly<Record<AssetStatus, string>> = {
  fresh: pc.green('✔'),
  stale: pc.yellow('◐'),
  overdue: pc.red('◷'),
  due: pc.yellow('◷'),
  failed: pc.red('✖'),
  missing: pc.dim('◌'),
};

/** Says how assets stand. */
export async function statusCommand(
  context: ProcessContext,
  selection: readonly string[],
  flags: StatusFlags,
): Promise<number> {
  const workspace = await Workspace.open(context);
  const keys = await chooseAssets(workspace, selection);
  const all = await assetStates(workspace, keys);
  const chosen = keys.flatMap((key) => all.get(key) ?? []);
  const held = new Map(
    await Promise.all(
      chosen.map(async ({ manifest: { key } }) => [key, await workspace.holds(key)] as const),
    ),
  );
  if (flags.json) {
    printJson(context, {
      assets: chosen.map((asset) => ({
        key: asset.manifest.key,
        status: asset.statuses,
        reasons: asset.step.reasons,
        rowCount: held.get(asset.manifest.key)?.rowCount ?? null,
        materializedAt: held.get(asset.manifest.key)?.finishedAt ?? null,
        ...(asset.counts ? { partitions: asset.counts } : {}),
      })),
    });
  } else {
    print(context, [...table(columnsOf(held, context.now()), chosen), '', totals(chosen)].join('\n'));
  }
  const isFresh = chosen.every(({ statuses }) => statuses[0] === 'fresh');
  return flags.exitCode && !isFresh ? EXIT.work : EXIT.ok;
}

const columnsOf = (
  held: ReadonlyMap<AssetKey, ValueSummary>,
  now: Date,
): readonly TableColumn<AssetState>[] => [
  {
    title: '  asset',
    cell: ({ manifest, statuses: [first = 'fresh'] }) => `${SIGNS[first]} ${manifest.key}`,
  },
  { title: 'status', cell: ({ statuses }) => statuses.join(', ') },
  { title: 'why', cell: (asset) => whyOf(asset) },
  { title: 'rows', align: 'right', cell: ({ manifest }) => count(held.get(manifest.key)?.rowCount ?? null) },
  {
    title: 'materialized',
    align: 'right',
    cell: ({ manifest }) => {
      const finishedAt = held.get(manifest.key)?.finishedAt;
      return finishedAt ? ago(finishedAt, now) : '';
    },
  },
];

const whyOf = ({ counts, statuses: [first = 'fresh'], step }: AssetState): string =>
  [counts ? describeCounts(counts) : '', first === 'fresh' ? '' : describeReasons(step.reasons)]
    .filter(Boolean)
    .join(': ');

function totals(assets: readonly AssetState[]): string {
  const parts = (['fresh', 'stale', 'due', 'overdue', 'failed', 'missing'] as const)
    .map((status) => [assets.filter(({ statuses }) => statuses[0] === status).length, status] as const)
    .filter(([amount]) => amount > 0)
    .map(([amount, status]) => `${amount} ${status}`);
  return [plural(assets.length, 'asset'), parts.join(', ')].filter(Boolean).join(': ');
}
