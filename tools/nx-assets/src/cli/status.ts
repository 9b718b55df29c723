import type { AssetStatus } from '@nx-assets/core/selection';
import { describeReasons } from '@nx-assets/engine';
import pc from 'picocolors';
import { ago, print, printJson } from './output.ts';
import type { StatusFlags } from './flags.ts';
import { Workspace } from '@nx-assets/workspace/workspace';
import { chooseAssets } from '@nx-assets/workspace/choose-assets';
import { type StandingAsset, standings } from '@nx-assets/workspace/asset-status';
import { describeCounts } from '@nx-assets/workspace/partition-status';
import { count, plural, table } from '@nx-assets/workspace/format';
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
  const all = await standings(workspace, keys);
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
    const rows = chosen.map((asset) => {
      const [first = 'fresh'] = asset.statuses;
      const holding = held.get(asset.manifest.key);
      return [
        `${SIGNS[first]} ${asset.manifest.key}`,
        asset.statuses.join(', '),
        [
          asset.counts ? describeCounts(asset.counts) : '',
          first === 'fresh' ? '' : describeReasons(asset.step.reasons),
        ]
          .filter(Boolean)
          .join(': '),
        count(holding?.rowCount ?? null),
        holding?.finishedAt ? ago(holding.finishedAt) : '',
      ];
    });
    const [head = '', ...body] = table(
      [
        { title: '  asset' },
        { title: 'status' },
        { title: 'why' },
        { title: 'rows', align: 'right' },
        { title: 'made', align: 'right' },
      ],
      rows,
    );
    print(context, [pc.dim(head), ...body, '', totals(chosen)].join('\n'));
  }
  const isFresh = chosen.every(({ statuses }) => statuses[0] === 'fresh');
  return flags.exitCode && !isFresh ? EXIT.work : EXIT.ok;
}

function totals(assets: readonly StandingAsset[]): string {
  const parts = (['fresh', 'stale', 'due', 'overdue', 'failed', 'missing'] as const)
    .map((status) => [assets.filter(({ statuses }) => statuses[0] === status).length, status] as const)
    .filter(([amount]) => amount > 0)
    .map(([amount, status]) => `${amount} ${status}`);
  return `${plural(assets.length, 'asset')}: ${parts.join(', ')}`;
}
