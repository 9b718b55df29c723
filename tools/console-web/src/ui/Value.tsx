import styles from './Value.module.css';

const LONG = 80;

/** One value of a table, as text and nothing else. */
export function Value({ value }: { readonly value: unknown }) {
  if (value === null || value === undefined) return <span className={styles.nothing}>null</span>;
  if (value === '') return <span className={styles.nothing}>empty</span>;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text.length <= LONG) return <span className={styles.text}>{text}</span>;
  return (
    <details className={styles.long}>
      <summary>{text.slice(0, LONG)}…</summary>
      <pre>{typeof value === 'string' ? value : JSON.stringify(value, null, 2)}</pre>
    </details>
  );
}
