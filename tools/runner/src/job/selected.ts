import type { AssetKey, JobFacts } from '@nx-assets/core';
import type { ReportLine } from '../report-line.ts';
import { commandsFor } from '../nx-commands.ts';
import { lastManifest, lastOtherTargets } from '@nx-assets/workspace/manifest';
import { GIVEN_RUN, subRunId } from '../run-id.ts';
import { ownEnv, runNx } from '../nx-process.ts';
import { readRun } from '../run-file.ts';
import { chooseAssets } from '@nx-assets/workspace/choose-assets';
import { Workspace } from '@nx-assets/workspace/workspace';
import type { RunContext } from '@nx-assets/workspace/run-context';

export interface SelectedOptions {
  readonly context: RunContext;
  readonly runId: string;
  readonly facts: Pick<JobFacts, 'select' | 'assets'>;
  readonly partition: string | null;
  /** What else is passed on to nx. */
  readonly flags: readonly string[];
}

export interface SelectedResult {
  readonly succeeded: boolean;
  readonly lines: readonly ReportLine[];
}

/**
 * Brings the assets of a job up to date, by the nx command that a person would type: the same hashes, cache and table.
 * They are steps of the job's run.
 */
export async function runSelected(options: SelectedOptions): Promise<SelectedResult> {
  const { context, runId, facts, partition, flags } = options;
  const { root } = context;
  const keys = facts.assets ?? (await chooseNow(context, facts.select));
  if (keys.length === 0) return { succeeded: true, lines: [] };
  const lines: ReportLine[] = [];
  const cut = partition === null ? {} : { partition };
  const commands = commandsFor(keys, lastManifest(root), cut, lastOtherTargets(root));
  for (const [index, command] of commands.entries()) {
    const part = subRunId(runId, index + 1);
    const code = await runNx(context, [...command, ...flags], { ...ownEnv(context.env), [GIVEN_RUN]: part });
    lines.push(...readRun(root, part).report);
    if (code !== 0) return { succeeded: false, lines };
  }
  return { succeeded: true, lines };
}

/** Which assets they are depends on how they stand now. */
const chooseNow = async (context: RunContext, select: string): Promise<readonly AssetKey[]> =>
  chooseAssets(await Workspace.open({ ...context, cwd: context.root }), [select]);
