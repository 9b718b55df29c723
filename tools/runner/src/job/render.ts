import { colours as pc } from '@nx-assets/workspace/colours';
import { countAssets } from './event.ts';
import type { JobReport, JobStepReport } from './report.ts';
import { duration, table, type TableColumn } from '@nx-assets/workspace/format';
import { describeFailure } from '../report.ts';

const SIGNS = {
  done: pc.green('✔'),
  failed: pc.red('✖'),
  blocked: pc.yellow('◌'),
  cancelled: pc.yellow('◌'),
} as const;

/** What became of a job: its steps in their order, and what failed with the author's stack. */
export function renderJob(report: JobReport): string {
  const { job, steps, startedAt, finishedAt } = report;
  const failures = steps.flatMap((step) => renderFailure(job, step));
  const whole = report.error ? [`${pc.red('✖')} ${job}`, describeFailure(report.error), ''] : [];
  const colour = report.status === 'succeeded' ? pc.green : report.status === 'failed' ? pc.red : pc.yellow;
  const last = `${job} ${colour(report.status)}, in ${duration(Math.max(0, finishedAt - startedAt))}`;
  return [
    '',
    ...(steps.length > 0 ? [...table(columnsOf(report), steps), ''] : []),
    ...whole,
    ...failures,
    last,
    '',
  ].join('\n');
}

const columnsOf = (report: JobReport): readonly TableColumn<JobStepReport>[] => [
  { title: '  step', cell: ({ status, name }) => `${SIGNS[status]} ${name}` },
  { title: 'status', cell: ({ status }) => status },
  { title: 'what', cell: ({ name }) => (name === 'assets' ? describeAssets(report) : '') },
  { title: 'time', align: 'right', cell: ({ milliseconds }) => duration(milliseconds) },
];

const renderFailure = (job: string, { name, error }: JobStepReport): string[] =>
  error ? [`${pc.red('✖')} ${job}: the op ${name}`, describeFailure(error), ''] : [];

const describeAssets = ({ assets }: JobReport): string =>
  Object.entries(countAssets(assets))
    .map(([word, number]) => `${number} ${word}`)
    .join(', ');
