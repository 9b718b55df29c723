import { useSearch } from '@tanstack/react-router';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { useAnswer } from '../../api/client.ts';
import { source } from '../../api/source.ts';
import { useNarrow } from '../../api/useNarrow.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { EmptyState, ErrorNote, Loading } from '../../ui/Notes.tsx';
import { RowsTable } from '../../ui/RowsTable.tsx';
import { count } from '../../ui/labels.ts';
import styles from './Preview.module.css';

const PAGE = 50;

/** What it holds: rows by page and in an order, or the lines of a document. */
export function Preview({ group, name }: { readonly group: string; readonly name: string }) {
  const { sort, direction, offset, partition } = useSearch({ from: '/assets/$group/$name' });
  const narrow = useNarrow();
  const query = source.isLive ? { sort, direction, offset, partition, limit: PAGE } : {};
  const { data, error } = useAnswer('/api/assets/:group/:name/preview', { group, name }, query);
  if (error && !data) return <ErrorNote error={error} />;
  if (!data) return <Loading />;
  if (data.kind === 'none') return <EmptyState title="Nothing to show">{data.because}</EmptyState>;
  if (data.kind === 'lines') {
    return (
      <Card label="Lines">
        <pre className={styles.lines}>{data.lines.join('\n')}</pre>
        {!data.isWhole && <p className={styles.more}>There are more rows.</p>}
      </Card>
    );
  }
  const { rows, columns, total } = data;
  const order = (column: string) =>
    narrow({
      sort: sort === column && direction === 'desc' ? undefined : column,
      direction: sort === column && direction !== 'desc' ? 'desc' : undefined,
      offset: undefined,
    });
  const last = data.offset + rows.length;
  return (
    <Card
      flush
      title="Rows"
      aside={
        <>
          <span role="status">
            {rows.length === 0 ? 'none' : `${count(data.offset + 1)} to ${count(last)} of ${count(total)}`}
          </span>
          {source.isLive && (
            <>
              <Button
                small
                disabled={data.offset === 0}
                onClick={() =>
                  narrow({ offset: data.offset <= PAGE ? undefined : String(data.offset - PAGE) })
                }
              >
                Before
              </Button>
              <Button small disabled={last >= total} onClick={() => narrow({ offset: String(last) })}>
                After
              </Button>
            </>
          )}
        </>
      }
    >
      <RowsTable
        rows={rows}
        columns={columns.map((column) => column.name)}
        caption={`Rows of ${group}/${name}`}
        sorted={sort === undefined ? null : { column: sort, descending: direction === 'desc' }}
        {...(source.isLive
          ? {
              head: (column: string) => (
                <button type="button" className={styles.sort} onClick={() => order(column)}>
                  {column}
                  {sort === column &&
                    (direction === 'desc' ? <ArrowDown size={12} /> : <ArrowUp size={12} />)}
                </button>
              ),
            }
          : {})}
      />
    </Card>
  );
}
