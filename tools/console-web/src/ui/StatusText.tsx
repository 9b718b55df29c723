import { StatusMark } from './StatusMark.tsx';
import { type Shown, toneOf } from './asset-status.ts';
import styles from './StatusText.module.css';

/** A status as shape and word, with its reason. */
export function StatusText({ mark, word, why }: Shown) {
  return (
    <span className={styles.status}>
      <StatusMark mark={mark} size={15} />
      <span className={styles[toneOf(mark)]}>
        <b>{word}</b>
        {why && <span className={styles.why}> {why}</span>}
      </span>
    </span>
  );
}
