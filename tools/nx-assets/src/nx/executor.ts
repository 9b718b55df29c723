import type { ExecutorContext } from '@nx/devkit';
import { assetKey } from '@nx-assets/core';
import type { Outcome } from '@nx-assets/engine';
import { say } from '@nx-assets/runner/terminal';
import { describeOutcome } from '@nx-assets/runner/report';
import { runAssets } from '@nx-assets/runner/run-assets';
import { runContext } from '@nx-assets/workspace/run-context';

/** One asset in a process of its own: what `--batch=false` runs. */
export default async function materialize(
  options: { readonly refresh?: boolean },
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  const run = runContext(context.root);
  const key = assetKey(context.projectName ?? '', context.targetName ?? '');
  const onOutcome = (outcome: Outcome) => say(run, describeOutcome(outcome));
  const outcomes = await runAssets({
    context: run,
    keys: [key],
    refresh: options.refresh === true,
    onOutcome,
  });
  const status = outcomes.get(key)?.status;
  return { success: status === 'materialized' || status === 'up-to-date' };
}
