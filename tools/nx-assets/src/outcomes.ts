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

/** A line in one write: processes of one run can append side by side. */
export function appendOutcome(root: string, runId: string, outcome: Outcome): void {
  const path = absolute(root, outcomesPath(runId));
  mkdirSync(dirname(path), { recursive: true });
  appendFileSync(path, `${JSON.stringify(outcome)}\n`);
}

/** What the steps of a run came to. Steps that Nx took from its cache are not there. */
export function readOutcomes(root: string, runId: string): ReadonlyMap<AssetKey, Outcome> {
  let text = '';
  try {
    text = readFileSync(absolute(root, outcomesPath(runId)), 'utf8');
  } catch {
    return new Map(); // everything came from the cache
  }
  const outcomes = text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as Outcome];
    } catch {
      return []; // the last line of a killed process
    }
  });
  return new Map(outcomes.map((outcome) => [outcome.key, outcome]));
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
