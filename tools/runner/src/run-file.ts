import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AssetKey, DefinitionKey } from '@nx-assets/core';
import type { Outcome } from '@nx-assets/engine';
import { absolute, outcomesPath, STATE } from '@nx-assets/storage/records';
import type { JobReport } from './job/report.ts';
import type { RunPlan } from '@nx-assets/workspace/run-plan';
import type { RemoteCacheProblem } from './remote-cache-problem.ts';
import type { ReportLine } from './report-line.ts';
import { parentRunId } from './run-id.ts';

/** How many runs stay on disk. */
const KEPT = 20;

/** A job that a command runs; without a report it has not ended. */
export interface JobOfRun {
  readonly key: DefinitionKey;
  readonly runId: string;
  readonly report: JobReport | null;
}

type RunLine =
  | { readonly requested: readonly AssetKey[] }
  | { readonly plan: RunPlan }
  | { readonly outcome: Outcome }
  | { readonly report: readonly ReportLine[] }
  | { readonly job: JobOfRun }
  | { readonly remoteCache: RemoteCacheProblem };

/** Which assets a run is about. Nx tells its hooks only of tasks that it got to. */
export const appendRequested = (root: string, runId: string, requested: readonly AssetKey[]): void =>
  appendLine(root, runId, { requested });

export const appendPlan = (root: string, runId: string, plan: RunPlan): void =>
  appendLine(root, runId, { plan });

export const appendOutcome = (root: string, runId: string, outcome: Outcome): void =>
  appendLine(root, runId, { outcome });

/** What the table of a part says, for the job that it is a part of. */
export const appendReport = (root: string, runId: string, report: readonly ReportLine[]): void =>
  appendLine(root, runId, { report });

export const appendJob = (root: string, runId: string, job: JobOfRun): void =>
  appendLine(root, runId, { job });

/** What went wrong with a remote cache, for the end of the run. */
export const appendRemoteCache = (root: string, runId: string, remoteCache: RemoteCacheProblem): void =>
  appendLine(root, runId, { remoteCache });

/**
 * A line in one write: processes of one run can append side by side. It begins with a line break too, so that half a line
 * of a process that was killed does not take this one with it.
 */
function appendLine(root: string, runId: string, line: RunLine): void {
  const path = absolute(root, outcomesPath(runId));
  mkdirSync(dirname(path), { recursive: true });
  appendFileSync(path, `\n${JSON.stringify(line)}\n`);
}

export interface RunFile {
  readonly requested: ReadonlySet<AssetKey>;
  /** `null` where it does not say: all partitions, as of now. */
  readonly plan: RunPlan | null;
  /** What the steps came to. Those that Nx took from its cache are not there. */
  readonly outcomes: ReadonlyMap<AssetKey, Outcome>;
  readonly report: readonly ReportLine[];
  readonly jobs: ReadonlyMap<string, JobOfRun>;
  readonly remoteCache: readonly RemoteCacheProblem[];
}

export function readRun(root: string, runId: string): RunFile {
  const requested = new Set<AssetKey>();
  const outcomes = new Map<AssetKey, Outcome>();
  const jobs = new Map<string, JobOfRun>();
  const remoteCache: RemoteCacheProblem[] = [];
  let report: readonly ReportLine[] = [];
  let plan: RunPlan | null = null;
  for (const text of readLines(absolute(root, outcomesPath(runId)))) {
    try {
      const line = JSON.parse(text) as RunLine;
      if ('outcome' in line) outcomes.set(line.outcome.key, line.outcome);
      else if ('report' in line) report = line.report;
      else if ('job' in line) jobs.set(line.job.runId, line.job);
      else if ('remoteCache' in line) remoteCache.push(line.remoteCache);
      else if ('plan' in line) plan = line.plan;
      else for (const key of line.requested) requested.add(key);
    } catch {
      continue; // an empty line, or what a killed process had written of one
    }
  }
  return { requested, outcomes, plan, report, jobs, remoteCache };
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return []; // the run had no asset
  }
}

/** Keeps the files of the last runs, and nothing of the scratch space of processes that are gone. */
export function forgetOldRuns(root: string): void {
  forget(dirname(absolute(root, outcomesPath('any'))));
  forget(absolute(root, `${STATE}/scratch`));
}

/** A run may have several files: it stays or goes with all of them. */
function forget(folder: string): void {
  try {
    const names = readdirSync(folder);
    const runs = [...new Set(names.map(runOf))].sort();
    const old = new Set(runs.slice(0, -KEPT));
    for (const name of names)
      if (old.has(runOf(name))) rmSync(join(folder, name), { recursive: true, force: true });
  } catch {
    return; // nothing ran yet
  }
}

/** The whole run that a file belongs to: one of its own, one of a part of it, or a mark beside either. */
const runOf = (name: string): string => parentRunId(name.replace(/\.jsonl(\..*)?$/, ''));
