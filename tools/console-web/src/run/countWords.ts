import type { RunStatus, RunView, StepStatus } from '@nx-assets/console/wire';
import { count, STEP_LABELS } from '../ui/labels.ts';

export const RUN_LABELS: Readonly<Record<RunStatus, string>> = {
  running: 'Running',
  succeeded: 'Succeeded',
  failed: 'Failed',
  cancelled: 'Cancelled',
  lost: 'Lost',
};

/** What needs somebody comes first. */
export const STEP_ORDER: readonly StepStatus[] = [
  'failed',
  'blocked',
  'cancelled',
  'lost',
  'running',
  'materialized',
  'done',
  'up-to-date',
];

/** `1 running · 4 up to date`. */
export function countWords(counts: RunView['counts'], waiting = 0): string {
  const parts = STEP_ORDER.filter((status) => (counts[status] ?? 0) > 0).map(
    (status) => `${count(counts[status] ?? 0)} ${STEP_LABELS[status].toLowerCase()}`,
  );
  if (waiting > 0) parts.push(`${count(waiting)} waiting`);
  return parts.join(' · ');
}

/** How many assets that were asked for have no step yet. A partition is a step of its own, so this is a lower bound. */
export function waitingOf({ requested, counts, status }: RunView): number {
  const begun = Object.values(counts).reduce((sum, one) => sum + one, 0);
  return status === 'running' ? Math.max(0, requested.length - begun) : 0;
}
