import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AssetKey } from '@nx-assets/core';
import type { Outcome } from '@nx-assets/engine';
import { absolute, outcomesPath, STATE } from '@nx-assets/storage/records';

/** How many runs stay on disk. */
const KEPT = 20;

/** Name of the environment variable by which one nx command and its processes know their run. */
export const RUN_ID = 'NX_ASSETS_RUN_ID';

/** Name of the environment variable by which they know the workspace root. */
export const ROOT = 'NX_ASSETS_ROOT';

/** Name of the environment variable that says how many steps may run at the same time. */
export const CONCURRENCY = 'NX_ASSETS_CONCURRENCY';

/** Name of the environment variable that is set where a run asks for everything anew. */
export const FRESH = 'NX_ASSETS_FRESH';

/** Sorts by time, and two at the same time differ. */
export const newRunId = (now: Date): string =>
  `${now.toISOString().replace(/[-:]/g, '').replace('.', '').replace('Z', '')}-${process.pid}`;

type RunLine = { readonly requested: readonly AssetKey[] } | { readonly outcome: Outcome };

/** Which assets a run is about. Nx tells its hooks only of tasks that it got to. */
export const appendRequested = (root: string, runId: string, requested: readonly AssetKey[]): void =>
  appendLine(root, runId, { requested });

export const appendOutcome = (root: string, runId: string, outcome: Outcome): void =>
  appendLine(root, runId, { outcome });

/** A line in one write: processes of one run can append side by side. */
function appendLine(root: string, runId: string, line: RunLine): void {
  const path = absolute(root, outcomesPath(runId));
  mkdirSync(dirname(path), { recursive: true });
  appendFileSync(path, `${JSON.stringify(line)}\n`);
}

export interface RunFile {
  readonly requested: ReadonlySet<AssetKey>;
  /** What the steps came to. Those that Nx took from its cache are not there. */
  readonly outcomes: ReadonlyMap<AssetKey, Outcome>;
}

export function readRun(root: string, runId: string): RunFile {
  const requested = new Set<AssetKey>();
  const outcomes = new Map<AssetKey, Outcome>();
  for (const text of readLines(absolute(root, outcomesPath(runId)))) {
    try {
      const line = JSON.parse(text) as RunLine;
      if ('outcome' in line) outcomes.set(line.outcome.key, line.outcome);
      else for (const key of line.requested) requested.add(key);
    } catch {
      continue; // the last line of a killed process
    }
  }
  return { requested, outcomes };
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return []; // the run had no asset
  }
}

/** Keeps the outcomes of the last runs, and nothing of the scratch space of processes that are gone. */
export function forgetOldRuns(root: string): void {
  forget(dirname(absolute(root, outcomesPath('any'))), KEPT);
  forget(absolute(root, `${STATE}/scratch`), KEPT);
}

function forget(folder: string, kept: number): void {
  try {
    for (const name of readdirSync(folder).sort().slice(0, -kept))
      rmSync(join(folder, name), { recursive: true, force: true });
  } catch {
    return; // nothing ran yet
  }
}
