import type { CheckView } from '@nx-assets/console/wire';
import { type Mark, StatusMark } from './StatusMark.tsx';
import styles from './CheckMark.module.css';

/** What came of a check, as a mark with a word. */
export function checkState({ passed, severity }: Pick<CheckView, 'passed' | 'severity'>): {
  mark: Mark;
  word: string;
} {
  if (passed === null) return { mark: 'missing', word: 'Not run yet' };
  if (passed) return { mark: 'fresh', word: 'Passed' };
  return severity === 'warn' ? { mark: 'stale', word: 'Warns' } : { mark: 'failed', word: 'Failed' };
}

export function CheckMark({ check }: { readonly check: CheckView }) {
  const { mark, word } = checkState(check);
  return <StatusMark mark={mark} label={word} />;
}

/** The last results: a bar each, and a cross where it did not pass. */
export function CheckHistory({ last }: Pick<CheckView, 'last'>) {
  const failed = last.filter(({ passed }) => !passed).length;
  return (
    <span className={styles.history} role="img" aria-label={`${last.length} results, ${failed} did not pass`}>
      {last.map(({ passed, at, runId }, index) => (
        <i key={`${runId} ${at} ${index}`} className={passed ? styles.passed : styles.failed}>
          {passed ? '' : '×'}
        </i>
      ))}
    </span>
  );
}
