import { AssetError, type AssetKey, ASSETS, type JobFacts, type OtherManifest } from '@nx-assets/core';
import { suggest } from '@nx-assets/core/selection';
import type { PlannedStep } from '@nx-assets/engine';
import pc from 'picocolors';
import { table } from '../format.ts';
import { askedPartitions } from '../partition-request.ts';
import { EXIT, type JobsFlags } from './main.ts';
import { byAsset } from './partition-status.ts';
import { print, printJson } from './output.ts';
import { renderPlan } from './plan.ts';
import { chooseAssets } from './select.ts';
import { Workspace } from './workspace.ts';

type JobManifest = Extract<OtherManifest, { type: 'job' }>;

/** A job, and what its assets would come to if it ran now. */
interface PlannedJob {
  readonly job: JobManifest;
  readonly chosen: readonly AssetKey[];
  readonly steps: readonly PlannedStep[];
  /** Why it cannot run as it is; `null` where it can. */
  readonly problem: string | null;
}

/** Lists jobs with what they would run; or one, with its ops and the plan of its assets. */
export async function jobsCommand(name: string | undefined, flags: JobsFlags): Promise<number> {
  const workspace = await Workspace.open();
  const all = workspace.groups.flatMap(({ others }) => others.filter((other) => other.type === 'job'));
  const jobs = name === undefined ? all : [chooseJob(all, name)];
  const planned: PlannedJob[] = [];
  for (const job of jobs) planned.push(await planJob(workspace, job, name === undefined));
  const [only] = planned;
  if (flags.json)
    printJson({
      jobs: planned.map(({ job, chosen, steps, problem }) => ({ ...job, chosen, steps, problem })),
    });
  else if (name !== undefined && only) print(renderJob(only));
  else print(planned.length === 0 ? 'No jobs yet.' : renderJobs(planned));
  return EXIT.ok;
}

function chooseJob(jobs: readonly JobManifest[], word: string): JobManifest {
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
async function planJob(workspace: Workspace, job: JobManifest, isListed: boolean): Promise<PlannedJob> {
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

function renderJobs(planned: readonly PlannedJob[]): string {
  const rows = planned.map(({ job, steps, problem }) => [
    job.key,
    describeSchedule(job),
    partsOf(job).join(' → '),
    problem === null ? summaryOf(steps) : pc.red(`✖ ${problem}`),
    job.description,
  ]);
  const titles = ['job', 'schedule', 'runs', 'assets now', 'for'];
  const [head = '', ...body] = table(
    titles.map((title) => ({ title })),
    rows,
  );
  return [pc.dim(head), ...body].join('\n');
}

/** When a job runs by itself; nothing where it waits to be asked. */
export const describeSchedule = ({ schedule }: JobFacts): string =>
  schedule ? `${schedule.cron} ${schedule.timeZone}` : '';

/** Its parts, in the order in which they run. */
const partsOf = ({ before, after, select }: JobFacts): string[] => [
  ...before.map(({ name }) => name),
  ...(select === '' ? [] : [ASSETS]),
  ...after.map(({ name }) => name),
];

function summaryOf(steps: readonly PlannedStep[]): string {
  if (steps.length === 0) return '';
  const assets = byAsset(steps);
  const busy = new Set(steps.filter(({ action }) => action !== 'reuse').map(({ key }) => key)).size;
  return busy === 0 ? `${assets.size} up to date` : `${busy} of ${assets.size} to do`;
}

function renderJob({ job, steps }: PlannedJob): string {
  const ops = (list: JobFacts['before']) =>
    list.map(({ name, description }) => `  ${name}  ${pc.dim(description)}`);
  return [
    `${pc.bold(job.key)}  ${job.description}`,
    pc.dim(job.file),
    ...(job.schedule ? [`due ${describeSchedule(job)}`] : []),
    '',
    ...ops(job.before),
    ...(job.select === '' ? [] : [`  ${ASSETS}  ${pc.dim(job.select)}`]),
    ...ops(job.after),
    '',
    ...(steps.length > 0 ? [renderPlan(steps, () => null), ''] : []),
    `Run it: ${pc.bold(`npx nx run ${job.key.replace('/', ':')}`)}`,
  ].join('\n');
}
