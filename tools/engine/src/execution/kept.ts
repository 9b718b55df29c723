import type { Outcome, RunEvent } from '../events.ts';
import { outcomeOf, sizeOf } from './outcome.ts';
import type { Evaluation, Evaluator } from './evaluate.ts';
import type { Records } from './records.ts';

/** What keeping a value takes. */
export interface Keeping {
  readonly records: Pick<Records, 'trust'>;
  readonly evaluator: Pick<Evaluator, 'isOfThisRun'>;
  readonly now: () => Date;
  emit(event: RunEvent): void;
}

/** What is said of values that are there already. Of those that nobody asked for, nothing. */
export const keptOutcomes = (
  evaluations: readonly Evaluation[],
  startedAt: number,
  keeping: Keeping,
): Outcome[] => evaluations.flatMap((evaluation) => keptOutcome(evaluation, startedAt, keeping) ?? []);

/** The outcome of a value that is there already; `null` where it must be made, or nobody asked for it. */
export function keptOutcome(
  evaluation: Evaluation,
  startedAt: number,
  { records, evaluator, now, emit }: Keeping,
): Outcome | null {
  const { manifest, partition, decision, coProduct } = evaluation;
  if (coProduct || decision.action === 'run') return null;
  const { record, reasons } = decision;
  // Of partitions there may be a hundred thousand, and their index knows their bytes.
  if (partition === null) records.trust(record);
  // What the checks of a hundred thousand partitions said is in their records.
  const checks = partition === null ? record.checks : [];
  const rest = { reasons, checks, ...sizeOf(record) };
  const finishedAt = now().getTime();
  if (!evaluator.isOfThisRun(manifest, record))
    return outcomeOf(evaluation, startedAt, finishedAt, { status: 'up-to-date', changed: false, ...rest });
  emit({ type: 'step-started', key: manifest.key, partition, reasons });
  return outcomeOf(evaluation, startedAt, finishedAt, { status: 'materialized', ...rest });
}
