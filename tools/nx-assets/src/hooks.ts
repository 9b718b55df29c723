import { writeSync } from 'node:fs';
import type { PostTasksExecutionContext, PreTasksExecutionContext } from '@nx/devkit';
import { type AssetKey, buildGraph } from '@nx-assets/core';
import type { Outcome } from '@nx-assets/engine';
import { readRecord } from '@nx-assets/storage/records';
import pc from 'picocolors';
import { lastManifest } from './manifest.ts';
import { forgetOldRuns, newRunId, readOutcomes, ROOT, RUN_ID } from './outcomes.ts';
import { QUIET, renderReport, type ReportLine, say } from './reporter.ts';

/** Gives the run its name and its manners, for every process that takes part. Nx hands `process.env` on. */
export function beforeTasks(context: PreTasksExecutionContext): void {
  forgetOldRuns(context.workspaceRoot);
  process.env[RUN_ID] = newRunId(new Date());
  process.env[ROOT] = context.workspaceRoot;
  if (wantsJson(context.argv)) {
    process.env[QUIET] = 'true';
    // Standard output is the document's alone; what Nx says goes where people can still read it.
    process.stdout.write = process.stderr.write.bind(process.stderr);
  }
  // Nx forces colours on its children even where it shows none itself.
  if (process.env.FORCE_COLOR === undefined && !pc.isColorSupported) {
    process.env.FORCE_COLOR = '0';
    process.env.NO_COLOR = '1';
  }
}

/** Ends a run with one table: what Nx took from its cache, and what the executor did. */
export function afterTasks(context: PostTasksExecutionContext): void {
  const { workspaceRoot, taskResults, argv } = context;
  const runId = process.env[RUN_ID] ?? '';
  const outcomes = readOutcomes(workspaceRoot, runId);
  const statuses = new Map(
    Object.values(taskResults).map(({ task, status }) => [
      `${task.target.project}/${task.target.target}`,
      status,
    ]),
  );
  const manifests = lastManifest(workspaceRoot);
  const lines = buildGraph(manifests.values()).order.flatMap((key): ReportLine[] => {
    // Nx leaves what it skipped out of its results; what the executor said of it counts.
    const outcome = outcomes.get(key);
    const status = statuses.get(key);
    return status === undefined && !outcome ? [] : [lineOf(workspaceRoot, key, status ?? '', outcome)];
  });
  if (lines.length > 0) {
    const milliseconds = context.endTime - context.startTime;
    if (wantsJson(argv)) writeSync(1, `${JSON.stringify({ runId, milliseconds, assets: lines })}\n`);
    else say(renderReport(lines, milliseconds));
  }
  failWithOne(Object.values(taskResults).map(({ status }) => status));
}

/**
 * Nx leaves tasks out of its results that it skips after a failure, takes the run for an interrupted one and
 * exits with 130. A run that failed exits with 1; 130 stays for Ctrl-C.
 */
function failWithOne(statuses: readonly string[]): void {
  if (!statuses.includes('failure') || statuses.includes('stopped')) return;
  process.once('exit', () => (process.exitCode = 1));
}

/** What the executor said of an asset; otherwise Nx took it from its cache, or did not get to it. */
function lineOf(root: string, key: AssetKey, status: string, outcome: Outcome | undefined): ReportLine {
  if (outcome) return { ...outcome, milliseconds: outcome.finishedAt - outcome.startedAt };
  const reading = readRecord(root, key);
  const value = reading.status === 'found' ? reading.record.value : null;
  const line = {
    key,
    changed: false,
    rowCount: value?.rowCount ?? null,
    bytes: value?.bytes ?? null,
    error: null,
    announcements: [],
  };
  if (status.includes('cache'))
    return { ...line, status: 'cached', reasons: [{ kind: 'restored' }], milliseconds: null };
  return { ...line, status: 'cancelled', reasons: [], milliseconds: null };
}

const wantsJson = (argv: readonly string[]): boolean =>
  argv.includes('--json') || argv.includes('--json=true');
