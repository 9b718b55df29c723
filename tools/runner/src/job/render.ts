import pc from 'picocolors';
import { countAssets } from './event.ts';
import type { JobReport, JobStepReport } from './report.ts';
import { duration, table } from '@nx-assets/workspace/format';
import { describeFailure } from '../report.ts';

const SIGNS = {
  done: pc.green('✔'),
  failed: pc.red('✖'),
  blocked: pc.yellow('◌'),
  cancelled: pc.yellow('◌'),
} as const;
const WORDS = { done: 'done', failed: 'failed', blocked: 'not run', cancelled: 'cancelled' } as const;

/** What became of a job: its steps in their order, and what failed with the author's stack. */
export function renderJob(report: JobReport): string {
  const { job, steps, startedAt, finishedAt } = report;
  const rows = steps.map((step) => [
    `${SIGNS[step.status]} ${step.name}`,
    WORDS[step.status],
    step.name === 'assets' ? describeAssets(report) : '',
    duration(step.milliseconds),
  ]);
  const [head = '', ...body] = table(
    [{ title: '  step' }, { title: 'status' }, { title: 'what' }, { title: 'time', align: 'right' }],
    rows,
  );
  const failures = steps.flatMap((step) => renderFailure(job, step));
  const whole = report.error ? [`${pc.red('✖')} ${job}`, describeFailure(report.error), ''] : [];
  const colour = report.status === 'succeeded' ? pc.green : report.status === 'failed' ? pc.red : pc.yellow;
  const last = `${job} ${colour(report.status)}, in ${duration(Math.max(0, finishedAt - startedAt))}`;
  return ['', ...(rows.length > 0 ? [pc.dim(head), ...body, ''] : []), ...whole, ...failures, last, ''].join(
    '\n',
  );
}

const renderFailure = (job: string, { name, error }: JobStepReport): string[] =>
  error ? [`${pc.red('✖')} ${job}: the op ${name}`, describeFailure(error), ''] : [];

const describeAssets = ({ assets }: JobReport): string =>
  Object.entries(countAssets(assets))
    .map(([word, number]) => `${number} ${word}`)
    .join(', ');
