import type { ExecutorContext, TaskGraph } from '@nx/devkit';
import { type AssetKey, assetKey } from '@nx-assets/core';
import type { Outcome } from '@nx-assets/engine';
import { runAssets } from '@nx-assets/runner/run-assets';
import { describeOutcome } from '@nx-assets/runner/report';
import { runContext } from '@nx-assets/workspace/run-context';
import { terminalText } from '@nx-assets/workspace/terminal-text';

interface BatchItem {
  readonly task: string;
  readonly result: {
    success: boolean;
    status: 'success' | 'failure' | 'skipped';
    terminalOutput: string;
    startTime: number;
    endTime: number;
  };
}

/**
 * Every asset that Nx did not find in its cache, in one process. Reports each task, failed and blocked ones too:
 * a batch that leaves tasks out is run again by Nx, under hashes that no longer hold.
 */
export default async function* materializeBatch(
  taskGraph: TaskGraph,
  options: Readonly<Record<string, { readonly refresh?: boolean }>>,
  _overrides: unknown,
  context: ExecutorContext,
): AsyncGenerator<BatchItem> {
  const tasks = new Map<AssetKey, string>(
    Object.values(taskGraph.tasks).map((task) => [
      assetKey(task.target.project, task.target.target),
      task.id,
    ]),
  );
  const refresh = Object.values(options).some((option) => option.refresh === true);
  const items: BatchItem[] = [];
  let wake = () => {};
  const running = runAssets({
    context: runContext(context.root),
    keys: [...tasks.keys()],
    refresh,
    onOutcome: (outcome) => {
      items.push(toItem(tasks.get(outcome.key) ?? outcome.key, outcome));
      wake();
    },
  });
  let finished = false;
  const end = running.then(
    () => (finished = true),
    () => (finished = true),
  );
  while (!finished || items.length > 0) {
    const item = items.shift();
    if (item) yield item;
    else await Promise.race([end, new Promise<void>((resolve) => (wake = resolve))]);
  }
  await running;
}

const STATUSES = {
  materialized: 'success',
  'up-to-date': 'success',
  failed: 'failure',
  cancelled: 'failure',
  // As failures they would stand among Nx's failed tasks, and be called flaky under the hash of their last success.
  blocked: 'skipped',
} as const;

const toItem = (task: string, outcome: Outcome): BatchItem => ({
  task,
  result: {
    success: STATUSES[outcome.status] === 'success',
    status: STATUSES[outcome.status],
    // Nx prints it.
    terminalOutput: terminalText(`${describeOutcome(outcome)}\n`),
    startTime: outcome.startedAt,
    endTime: outcome.finishedAt,
  },
});
