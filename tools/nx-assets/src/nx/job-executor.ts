import type { ExecutorContext } from '@nx/devkit';
import { definitionKey } from '@nx-assets/core';
import { RUN_ID } from '@nx-assets/runner/run-id';
import { runJob } from '@nx-assets/runner/job/run-job';
import { appendJob } from '@nx-assets/runner/run-file';
import { runContext } from '@nx-assets/workspace/run-context';

export interface JobExecutorOptions {
  readonly refresh?: boolean;
  readonly partition?: string;
}

/** A job. Its report goes to the nx command that runs it, which prints it when everything has ended. */
export default async function executeJob(
  options: JobExecutorOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  const { root } = context;
  const run = runContext(root);
  const key = definitionKey(context.projectName ?? '', context.targetName ?? '');
  const command = run.env[RUN_ID] ?? '';
  const report = await runJob({
    context: run,
    key,
    refresh: options.refresh === true,
    partition: options.partition ?? null,
    onReport: (runId, report) => appendJob(root, command, { key, runId, report }),
  });
  return { success: report.status === 'succeeded' };
}
