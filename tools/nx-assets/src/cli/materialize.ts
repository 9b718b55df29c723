import { print, printJson } from './output.ts';
import { planCommand } from './plan.ts';
import type { MaterializeFlags } from './flags.ts';
import { Workspace } from '@nx-assets/workspace/workspace';
import { chooseAssets } from '@nx-assets/workspace/choose-assets';
import { lastOtherTargets } from '@nx-assets/workspace/manifest';
import { planOf } from '@nx-assets/workspace/asset-status';
import { commandsFor, passedOn } from '@nx-assets/runner/nx-commands';
import { runNx } from '@nx-assets/runner/nx-process';
import { EXIT } from './exit.ts';
import { byAsset } from '@nx-assets/workspace/partition-status';
import { duration, plural } from '@nx-assets/workspace/format';
import type { AssetKey } from '@nx-assets/core';
import type { ReportLine } from '@nx-assets/runner/report-line';
import type { ProcessContext } from '@nx-assets/workspace/run-context';

/**
 * Brings assets up to date. Starts nx only when code, a record, a byte or a policy says that there is work, and leaves
 * all of it to nx then: the same hashes, the same cache.
 */
export async function materializeCommand(
  context: ProcessContext,
  selection: readonly string[],
  flags: MaterializeFlags,
): Promise<number> {
  if (flags.dryRun) return planCommand(context, selection, flags);
  const started = context.now().getTime();
  const workspace = await Workspace.open(context);
  const { force = false, refresh = false } = flags;
  const chosen = await chooseAssets(workspace, selection);
  const steps = await planOf(workspace, chosen, { ...flags, force, refresh });
  if (steps.some(({ action }) => action !== 'keep')) {
    const others = lastOtherTargets(workspace.root);
    for (const command of commandsFor(chosen, workspace.graph.nodes, flags, others)) {
      const code = await runNx(workspace.context, [...command, ...passedOn(flags)]);
      if (code !== 0) return code;
    }
    return EXIT.ok;
  }
  const milliseconds = context.now().getTime() - started;
  if (flags.json) {
    const lines = await Promise.all([...byAsset(steps).keys()].map((key) => upToDate(workspace, key)));
    printJson(context, { runId: null, milliseconds, assets: lines });
  } else {
    print(context, `${plural(byAsset(steps).size, 'asset')}: all up to date, in ${duration(milliseconds)}`);
  }
  return EXIT.ok;
}

async function upToDate(workspace: Workspace, key: AssetKey): Promise<ReportLine> {
  const { rowCount, bytes, checks } = await workspace.holds(key);
  const isExternal = workspace.graph.nodes.get(key)?.isExternal ?? false;
  const facts = { changed: false, error: null, announcements: [], checks, isExternal, milliseconds: null };
  return {
    key,
    status: 'up-to-date',
    source: 'output',
    reasons: [{ kind: 'unchanged' }],
    rowCount,
    bytes,
    ...facts,
  };
}
