import type { PlannedStep } from '@nx-assets/engine';
import { colours as pc } from '@nx-assets/workspace/colours';
import { print, printJson } from './output.ts';
import { renderPlan } from './plan.ts';
import type { JobsFlags } from './flags.ts';
import { Workspace } from '@nx-assets/workspace/workspace';
import { chooseJob, describeSchedule, partsOf, planJob, type PlannedJob } from '@nx-assets/workspace/jobs';
import { EXIT } from './exit.ts';
import { table, type TableColumn } from '@nx-assets/workspace/format';
import { byAsset } from '@nx-assets/workspace/partition-status';
import { ASSETS, type JobFacts } from '@nx-assets/core';
import type { ProcessContext } from '@nx-assets/workspace/run-context';

/** Lists jobs with what they would run; or one, with its ops and the plan of its assets. */
export async function jobsCommand(
  context: ProcessContext,
  name: string | undefined,
  flags: JobsFlags,
): Promise<number> {
  const workspace = await Workspace.open(context);
  const all = workspace.groups.flatMap(({ others }) => others.filter((other) => other.type === 'job'));
  const jobs = name === undefined ? all : [chooseJob(all, name)];
  const planned: PlannedJob[] = [];
  for (const job of jobs) planned.push(await planJob(workspace, job, name === undefined));
  const [only] = planned;
  if (flags.json)
    printJson(context, {
      jobs: planned.map(({ job, chosen, steps, problem }) => ({ ...job, chosen, steps, problem })),
    });
  else if (name !== undefined && only) print(context, renderJob(only));
  else print(context, planned.length === 0 ? 'No jobs yet.' : table(COLUMNS, planned).join('\n'));
  return EXIT.ok;
}

const COLUMNS: readonly TableColumn<PlannedJob>[] = [
  { title: 'job', cell: ({ job }) => job.key },
  { title: 'schedule', cell: ({ job }) => describeSchedule(job) },
  { title: 'runs', cell: ({ job }) => partsOf(job).join(' → ') },
  {
    title: 'assets now',
    cell: ({ steps, problem }) => (problem === null ? summaryOf(steps) : pc.red(`✖ ${problem}`)),
  },
  { title: 'description', cell: ({ job }) => job.description },
];

function summaryOf(steps: readonly PlannedStep[]): string {
  if (steps.length === 0) return '';
  const assets = byAsset(steps);
  const busy = new Set(steps.filter(({ action }) => action !== 'keep').map(({ key }) => key)).size;
  return busy === 0 ? `${assets.size} up to date` : `${busy} of ${assets.size} to run`;
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
