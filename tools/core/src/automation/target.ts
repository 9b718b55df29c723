import { type AnyAsset, isAsset } from '../asset-model.ts';
import type { RunConfig } from '../config/run-config.ts';
import type { Json } from '../json.ts';
import type { DefinitionScope } from '../definition.ts';
import { AssetError } from '../diagnostics.ts';
import type { AssetKey, DefinitionKey } from '../key.ts';
import type { Job } from '../job.ts';
import { chosenBy, textOf } from '../selected.ts';
import { parseSelection } from '../selection/index.ts';

/** What a schedule or a sensor runs: a job, or assets in words, or imported. */
export type Runnable = Job | string | AnyAsset | readonly (string | AnyAsset)[];

export interface RunOptions {
  /** What is run: a job, the language of selections, or imported assets. */
  readonly run: Runnable;
  /** The partitions that it is run for, as a command line names them: `latest`, a key, a range, a list. */
  readonly partition?: string;
  /** What its run gives to assets: fields by asset key. */
  readonly config?: { readonly [key: `${string}/${string}`]: { readonly [field: string]: Json } };
}

/** The same as data. */
export interface Target {
  /** The job, where it is one. */
  readonly job: DefinitionKey | null;
  /** The selection as text; '' for a job. */
  readonly select: string;
  /** What it selects; `null` where that is only known when it runs, because it asks for statuses, or where the job knows. */
  readonly assets: readonly AssetKey[] | null;
  readonly partition: string | null;
  readonly config: RunConfig;
}

const isJob = (value: unknown): value is Job =>
  typeof value === 'object' && value !== null && (value as Partial<Job>).type === 'job';

/** Finds wrong words where the author's line is on the stack. Throws `AUTOMATION_INVALID` and `SELECTION_INVALID`. */
export function checkRunnable(run: Runnable): void {
  if (isJob(run)) return;
  const words = [run].flat() as readonly unknown[];
  if (words.length === 0) throw new AssetError('AUTOMATION_INVALID', '`run` names nothing.');
  for (const word of words) {
    if (typeof word === 'string') parseSelection(word);
    else if (!isAsset(word)) {
      const what = word === undefined ? 'undefined' : 'neither an asset, nor a job, nor a selection';
      throw new AssetError('AUTOMATION_INVALID', `What \`run\` names is ${what}.`, {
        remedy: 'If an import is undefined, two files import each other.',
      });
    }
  }
}

export function targetOf(options: RunOptions, scope: DefinitionScope): Target {
  const { run, config = {} } = options;
  const partition = options.partition ?? null;
  if (isJob(run)) return { job: scope.keyOfOther(run), select: '', assets: null, partition, config };
  const select = textOf([run].flat() as readonly (string | AnyAsset)[], scope);
  return { job: null, select, assets: chosenBy(select, scope), partition, config };
}
