import type { StepView } from '@nx-assets/console/wire';
import { Link } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { bytes, clock, count, plural, span, STEP_LABELS } from '../ui/labels.ts';
import { countWords } from './countWords.ts';
import styles from './StepNote.module.css';

/** So many reasons are read; the rest are alike. */
const REASONS = 3;

/** Why the chosen asset ran or did not, and what came of it. */
export function StepNote({
  steps,
  close,
}: {
  readonly steps: readonly StepView[];
  readonly close: () => void;
}) {
  const [first] = steps;
  if (!first) return null;
  const { key, status, startedAt, finishedAt, attempt, rowCount, changed } = first;
  const [group = '', name = ''] = key.split('/');
  const reasons = [...new Set(steps.map(({ why }) => why))].filter(Boolean);
  const failures = steps.filter(({ failure }) => failure !== null);
  const counts: Partial<Record<StepView['status'], number>> = {};
  for (const step of steps) counts[step.status] = (counts[step.status] ?? 0) + 1;
  return (
    <section className={styles.note} aria-label={`About ${key}`}>
      <p className={styles.head}>
        <Link to="/assets/$group/$name" params={{ group, name }} className="code">
          {key}
        </Link>
        <b>{steps.length === 1 ? STEP_LABELS[status] : countWords(counts)}</b>
        <button type="button" onClick={close} aria-label={`Close the details of ${key}`}>
          <X size={14} />
        </button>
      </p>
      {reasons.length > 0 && (
        <p>
          Why: {reasons.slice(0, REASONS).join('; ')}
          {reasons.length > REASONS && `, and ${reasons.length - REASONS} more`}
        </p>
      )}
      {steps.length === 1 && (
        <p className={styles.facts}>
          <span>started {clock(startedAt)}</span>
          {finishedAt !== null && <span>took {span(Math.max(0, finishedAt - startedAt))}</span>}
          {attempt > 1 && <span>attempt {attempt}</span>}
          {rowCount !== null && (
            <span>
              {plural(rowCount, 'row')}, {bytes(first.bytes)}
            </span>
          )}
          {changed !== null && <span>{changed ? 'data changed' : 'data unchanged'}</span>}
        </p>
      )}
      {failures.slice(0, REASONS).map(({ partition, failure }) => (
        <p key={partition} className={styles.failure}>
          {partition !== null && <code>[{partition}] </code>}
          {failure?.message}
        </p>
      ))}
      {failures.length > REASONS && <p>{count(failures.length - REASONS)} more failed.</p>}
    </section>
  );
}
