import { AssetError, type AssetKey, ASSETS, type JobFacts, type OtherManifest } from '@nx-assets/core';
import type { PlannedStep } from '@nx-assets/engine';
import { suggest } from '@nx-assets/core/selection';
import { Workspace } from './workspace.ts';
import { chooseAssets } from './choose-assets.ts';
import { askedPartitions } from './partition-request.ts';

type JobManifest = Extract<OtherManifest, { type: 'job' }>;

/** A job, and what its assets would come to if it ran now. */
export interface PlannedJob {
  readonly job: JobManifest;
  readonly chosen: readonly AssetKey[];
  readonly steps: readonly PlannedStep[];
  /** Why it cannot run as it is; `null` where it can. */
  readonly problem: string | null;
}

export function chooseJob(jobs: readonly JobManifest[], word: string): JobManifest {
  const found = jobs.filter(({ key }) => key === word.replace(':', '/') || key.endsWith(`/${word}`));
  const [only] = found;
  if (only && found.length === 1) return only;
  const keys = jobs.map(({ key }) => key as string);
  const meant =
    found.length > 1 ? null : suggest(word, [...keys, ...keys.map((key) => key.split('/')[1] ?? key)]);
  const facts =
    found.length > 1
      ? `${word} may be ${found.map(({ key }) => key).join(', ')}.`
      : `There is no job ${word}${meant ? ` (did you mean ${meant}?)` : ''}.`;
  throw new AssetError('COMMAND_INVALID', facts, { remedy: 'See what there is with `nx-assets jobs`.' });
}

/** In a list, one that is wrong hides no other. */
export async function planJob(
  workspace: Workspace,
  job: JobManifest,
  isListed: boolean,
): Promise<PlannedJob> {
  const { assets, select } = job;
  try {
    const chosen = assets ?? (await chooseAssets(workspace, [select]));
    return { job, chosen, steps: await planOfJob(workspace, job, chosen), problem: null };
  } catch (error) {
    if (!isListed || !(error instanceof AssetError)) throw error;
    return { job, chosen: [], steps: [], problem: `${error.code}: ${error.facts}` };
  }
}

/** What its assets would come to, with the partitions and the config that the job gives. */
async function planOfJob(
  workspace: Workspace,
  { partition, config }: JobManifest,
  chosen: readonly AssetKey[],
): Promise<readonly PlannedStep[]> {
  const options = { force: false, refresh: false };
  await workspace.checkConfig(chosen, config);
  if (partition === null) return workspace.plan(chosen, options, undefined, config);
  const partitioning = await workspace.partitioning();
  const nobody = { plan: () => Promise.resolve([]), failed: () => Promise.resolve(new Set<string>()) };
  const asked = await askedPartitions(chosen, { partition }, partitioning, nobody);
  return workspace.plan(chosen, options, asked, config);
}

/** When a job runs by itself; nothing where it waits to be asked. */
export const describeSchedule = ({ schedule }: JobFacts): string =>
  schedule ? `${schedule.cron} ${schedule.timeZone}` : '';

/** Its parts, in the order in which they run. */
export const partsOf = ({ before, after, select }: JobFacts): string[] => [
  ...before.map(({ name }) => name),
  ...(select === '' ? [] : [ASSETS]),
  ...after.map(({ name }) => name),
];
