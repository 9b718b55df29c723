import type { RunView, StepStatus } from '@nx-assets/console/wire';
import { STEP_ORDER } from './countWords.ts';
import styles from './CountsBar.module.css';

const LOOKS: Readonly<Record<StepStatus, string | undefined>> = {
  failed: styles.failed,
  blocked: styles.blocked,
  cancelled: styles.blocked,
  lost: styles.blocked,
  running: styles.running,
  materialized: styles.ran,
  done: styles.ran,
  'up-to-date': styles.upToDate,
};

/** What share of the steps has each status. The words stand beside it: this is for the eye alone. */
export function CountsBar({
  counts,
  waiting = 0,
}: {
  readonly counts: RunView['counts'];
  readonly waiting?: number;
}) {
  return (
    <span className={styles.bar} aria-hidden>
      {STEP_ORDER.map((status) => {
        const amount = counts[status] ?? 0;
        return amount > 0 && <i key={status} className={LOOKS[status]} style={{ flexGrow: amount }} />;
      })}
      {waiting > 0 && <i className={styles.blocked} style={{ flexGrow: waiting }} />}
    </span>
  );
}
