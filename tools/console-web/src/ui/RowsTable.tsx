import type { ReactNode } from 'react';
import { Value } from './Value.tsx';
import styles from './RowsTable.module.css';

interface RowsTableProps {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly columns?: readonly string[];
  readonly caption: string;
  /** What stands at the head of a column, where it is more than its name. */
  readonly head?: (column: string) => ReactNode;
  readonly sorted?: { readonly column: string; readonly descending: boolean } | null;
}

/** Rows as they are: numbers at the right, null told from nothing, long things short until somebody asks. */
export function RowsTable({ rows, columns, caption, head, sorted }: RowsTableProps) {
  const names = columns ?? [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const numeric = new Set(
    names.filter(
      (name) =>
        rows.some((row) => typeof row[name] === 'number') &&
        rows.every((row) => row[name] == null || typeof row[name] === 'number'),
    ),
  );
  const sort = sorted?.descending ? ('descending' as const) : ('ascending' as const);
  return (
    <div className={styles.scroll} tabIndex={0} role="group" aria-label={caption}>
      <table className={styles.table}>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {names.map((name) => (
              <th
                key={name}
                scope="col"
                className={numeric.has(name) ? styles.number : undefined}
                aria-sort={sorted?.column === name ? sort : undefined}
              >
                {head ? head(name) : name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {names.map((name) => (
                <td key={name} className={numeric.has(name) ? styles.number : undefined}>
                  <Value value={row[name]} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
