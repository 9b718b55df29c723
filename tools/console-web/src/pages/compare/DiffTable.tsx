import type { AssetDiff } from '@nx-assets/console/wire';
import { useNarrow } from '../../api/useNarrow.ts';
import { count } from '../../ui/labels.ts';
import styles from './ComparePage.module.css';

interface DiffTableProps {
  readonly diffs: readonly AssetDiff[];
  readonly open: AssetDiff | undefined;
}

/** The assets of which the data differs: how many rows, which columns, and why. */
export function DiffTable({ diffs, open }: DiffTableProps) {
  return (
    <div className={styles.scroll} tabIndex={0} role="group" aria-label="Assets that differ">
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Asset</th>
            <th scope="col">Rows</th>
            <th scope="col">Added, removed, changed</th>
            <th scope="col">Schema</th>
            <th scope="col">Cause</th>
          </tr>
        </thead>
        <tbody>
          {diffs.map((diff) => (
            <Row key={diff.key} diff={diff} isOpen={diff === open} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ diff, isOpen }: { readonly diff: AssetDiff; readonly isOpen: boolean }) {
  const narrow = useNarrow();
  const { key, status, rowCount, rows, columns, cause } = diff;
  const [was, now] = rowCount;
  return (
    <tr className={isOpen ? styles.chosen : undefined}>
      <th scope="row">
        <button type="button" aria-pressed={isOpen} onClick={() => narrow({ asset: key })}>
          {key}
        </button>
        {status !== 'changed' && <em>{status}</em>}
      </th>
      <td className={styles.number}>
        {was !== now && <span className={styles.was}>{was === null ? 'none' : count(was)} → </span>}
        {count(now)}
      </td>
      <td className={styles.number}>
        {rows ? (
          <span className={styles.changes}>
            <Number sign="+" value={rows.added} tone="added" />
            <Number sign="−" value={rows.removed} tone="removed" />
            <Number sign="~" value={rows.changed} tone="changed" />
          </span>
        ) : (
          '–'
        )}
      </td>
      <td>
        {columns.added.map((name) => (
          <code key={name} className={styles.added}>
            + {name}
          </code>
        ))}
        {columns.removed.map((name) => (
          <code key={name} className={styles.removed}>
            − {name}
          </code>
        ))}
        {columns.changed.map(({ name, was: before, now: after }) => (
          <code key={name} className={styles.changed}>
            ~ {name} {before} → {after}
          </code>
        ))}
        {columns.added.length + columns.removed.length + columns.changed.length === 0 && 'unchanged'}
      </td>
      <td>{cause}</td>
    </tr>
  );
}

interface NumberProps {
  readonly sign: string;
  readonly value: number;
  readonly tone: 'added' | 'removed' | 'changed';
}

const Number = ({ sign, value, tone }: NumberProps) => (
  <span className={value === 0 ? styles.zero : styles[tone]}>
    {value === 0 ? '0' : `${sign}${count(value)}`} <span className="visually-hidden">{tone}</span>
  </span>
);
