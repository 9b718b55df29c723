import type { LogLine, StepView } from '@nx-assets/console/wire';

/** What a step failed of, among what it said: where one looks for it. */
export function withFailures(lines: readonly LogLine[], steps: readonly StepView[]): readonly LogLine[] {
  const failures = steps.flatMap(({ key, partition, failure, finishedAt }, index): LogLine[] => {
    if (!failure || finishedAt === null) return [];
    const [first = ''] = failure.message.split('\n');
    const message = `${failure.code}: ${first}`;
    // No line of the log has such an id.
    return [{ id: -1 - index, at: finishedAt, key, partition, level: 'error', message }];
  });
  if (failures.length === 0) return lines;
  return [...lines, ...failures].sort((a, b) => a.at - b.at);
}
