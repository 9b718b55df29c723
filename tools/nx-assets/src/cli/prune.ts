import type { Pruned } from '@nx-assets/event-log';
import { print, printJson } from './output.ts';
import { withHistory } from './runs.ts';
import type { PruneFlags } from './flags.ts';
import { Workspace } from '@nx-assets/workspace/workspace';
import { findOrphans, removeOrphans } from '@nx-assets/workspace/orphans';
import { EXIT } from './exit.ts';
import { bytes, plural } from '@nx-assets/workspace/format';
import type { ProcessContext } from '@nx-assets/workspace/run-context';

const NOTHING: Pruned = { runs: 0, steps: 0, events: 0, bytes: 0 };

/** Removes old runs from the history, and files in output/ of assets that are no more. */
export async function pruneCommand(context: ProcessContext, flags: PruneFlags): Promise<number> {
  const { dryRun = false } = flags;
  const workspace = await Workspace.open(context);
  const orphans = findOrphans(workspace.root, workspace.assets, await workspace.partitioning());
  if (!dryRun) removeOrphans(workspace.root, orphans);
  const pruned = await withHistory(context, async (history) =>
    history === null
      ? NOTHING
      : history.prune({
          dryRun,
          ...(flags.olderThan === undefined ? {} : { olderThan: context.now().getTime() - flags.olderThan }),
          ...(flags.keepRuns === undefined ? {} : { keepRuns: flags.keepRuns }),
        }),
  );
  if (flags.json) {
    printJson(context, { dryRun, history: pruned, orphans });
    return EXIT.ok;
  }
  const verb = dryRun ? 'would be removed' : 'removed';
  const size = orphans.reduce((sum, orphan) => sum + orphan.bytes, 0);
  print(
    context,
    [
      ...orphans.map(({ path, bytes: one }) => `${path}  ${bytes(one)}`),
      `${plural(orphans.length, 'file')} of deleted assets ${verb}: ${bytes(size)}`,
      `${plural(pruned.runs, 'run')} ${verb} from the history: ${bytes(pruned.bytes)}`,
    ].join('\n'),
  );
  return EXIT.ok;
}
