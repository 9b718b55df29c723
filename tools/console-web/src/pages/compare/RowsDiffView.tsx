import type { RowsDiff } from '@nx-assets/console/wire';
import { useAnswer } from '../../api/client.ts';
import { ErrorNote, Loading } from '../../ui/Notes.tsx';
import { Value } from '../../ui/Value.tsx';
import { count } from '../../ui/labels.ts';
import table from '../../ui/RowsTable.module.css';
import styles from './ComparePage.module.css';

const SIGNS = { added: '+', removed: '−', changed: '~' } as const;
const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** Rows that differ: what is gone struck through, what is new beside it. */
export function RowsDiffView({
  from,
  to,
  asset,
}: {
  readonly from: string;
  readonly to: string;
  readonly asset: string;
}) {
  const { data, error } = useAnswer('/api/compare/rows', {}, { from, to, asset });
  if (error && !data) return <ErrorNote error={error} />;
  if (!data) return <Loading />;
  if (data.because !== null) return <p className={styles.note}>{data.because}</p>;
  if (data.rows.length === 0) return <p className={styles.note}>No row differs.</p>;
  return (
    <div className={styles.scroll} tabIndex={0} role="group" aria-label="Rows that differ">
      <table className={`${table.table} ${styles.rows}`}>
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">Change</span>
            </th>
            {data.columns.map((column) => (
              <th key={column} scope="col">
                {column}
                {data.by.includes(column) && <small> key</small>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.rows.map((row, index) => (
            <tr key={index} className={styles[row.change]}>
              <th scope="row" aria-label={row.change}>
                {SIGNS[row.change]}
              </th>
              {data.columns.map((column) => (
                <td key={column}>
                  <Cell row={row} column={column} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {data.total > data.rows.length && (
        <p className={styles.note}>{count(data.total - data.rows.length)} more.</p>
      )}
    </div>
  );
}

function Cell({
  row: { was, now },
  column,
}: {
  readonly row: RowsDiff['rows'][number];
  readonly column: string;
}) {
  if (was && now) {
    if (same(was[column], now[column])) return <Value value={now[column]} />;
    return (
      <>
        <s>
          <Value value={was[column]} />
        </s>{' '}
        <b>
          <Value value={now[column]} />
        </b>
      </>
    );
  }
  return was ? (
    <s>
      <Value value={was[column]} />
    </s>
  ) : (
    <Value value={now?.[column]} />
  );
}
