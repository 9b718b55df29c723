import type { AssetDetail, ColumnView } from '@nx-assets/console/wire';
import styles from './Schema.module.css';

/** Columns, and what changed since they were last different. */
export function Schema({
  detail,
  narrow = false,
}: {
  readonly detail: AssetDetail;
  readonly narrow?: boolean;
}) {
  const { columns, record } = detail;
  return (
    <table className={styles.schema}>
      <thead className={narrow ? 'visually-hidden' : undefined}>
        <tr>
          <th scope="col">Column</th>
          <th scope="col">Type</th>
          <th scope="col">Change</th>
          {!narrow && (
            <>
              <th scope="col">Nulls</th>
              <th scope="col">Min</th>
              <th scope="col">Max</th>
            </>
          )}
        </tr>
      </thead>
      <tbody>
        {columns?.map((column) => (
          <tr key={column.name} className={column.change ? styles.changed : undefined}>
            <th scope="row">{column.name}</th>
            <td>
              {column.type}
              {column.nullable && <span className={styles.soft}> or null</span>}
            </td>
            <td>{changeOf(column)}</td>
            {!narrow && (
              <>
                <td>{column.nulls ?? ''}</td>
                <td>{column.min}</td>
                <td>{column.max}</td>
              </>
            )}
          </tr>
        ))}
        {record?.removedColumns.map((name) => (
          <tr key={name} className={styles.changed}>
            <th scope="row">
              <s>{name}</s>
            </th>
            <td />
            <td>removed</td>
            {!narrow && <td colSpan={3} />}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const changeOf = ({ change }: ColumnView): string =>
  change === null ? '' : change.kind === 'added' ? 'new' : `was ${change.was}`;
