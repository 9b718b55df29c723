import type { JobEvent, JobFailure } from '@nx-assets/core';
import type { JobReport } from './report.ts';
import type { ReportLine } from '../report-line.ts';
import { WORDS } from '../report.ts';

/** How many assets came to what, in the words of the table. */
export function countAssets(lines: readonly ReportLine[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of lines) counts[WORDS[status]] = (counts[WORDS[status]] ?? 0) + 1;
  return counts;
}

/** What hooks are told of a job; `null` where it was cancelled, which whoever did it knows. */
export function eventOf(report: JobReport, description: string): JobEvent | null {
  const { job, runId, status, startedAt, finishedAt, steps, assets, error } = report;
  if (status === 'cancelled') return null;
  const named = [
    ...(error ? [{ name: job as string, error }] : []),
    ...assets.map(({ key, error }) => ({ name: key as string, error })),
    ...steps,
  ];
  return {
    job,
    description,
    runId,
    status,
    startedAt: new Date(startedAt).toISOString(),
    finishedAt: new Date(finishedAt).toISOString(),
    steps: steps.map(({ name, status, milliseconds }) => ({ name, status, milliseconds })),
    assets: countAssets(assets),
    failures: named.flatMap(({ name, error }): JobFailure[] =>
      error ? [{ name, code: error.code, message: error.message }] : [],
    ),
  };
}
