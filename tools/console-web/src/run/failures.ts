import type { LogLine, StepView } from '@nx-assets/console/wire';

/** What a step failed of, among what it said: where one looks for it. */
export function withFailures(lines: readonly LogLine[], steps: readonly StepView[]): readonly LogLine[] {
  const failures = steps.flatMap(({ key, partition, failure, finishedAt }): LogLine[] => {
    if (!failure || finishedAt === null) return [];
    const [first = ''] = failure.message.split('\n');
    return [{ id: -1, at: finishedAt, key, partition, level: 'error', message: `${failure.code}: ${first}` }];
  });
  if (failures.length === 0) return lines;
  return [...lines, ...failures].sort((a, b) => a.at - b.at);
}
