import { Link, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useAnswer } from '../../api/client.ts';
import { source } from '../../api/source.ts';
import { useNarrow } from '../../api/useNarrow.ts';
import { useTitle } from '../../shell/useTitle.ts';
import { Card } from '../../ui/Card.tsx';
import { EmptyState, ErrorNote, Loading } from '../../ui/Notes.tsx';
import { count, plural, time } from '../../ui/labels.ts';
import { AssetLinks } from '../asset/Lead.tsx';
import styles from './ComparePage.module.css';
import { DiffTable } from './DiffTable.tsx';
import { RowsDiffView } from './RowsDiffView.tsx';
import { type State, StateSelect } from './StateSelect.tsx';

/** Two runs, or two records of one asset, and in what the data differs. */
export function ComparePage() {
  useTitle('Compare');
  const { of } = useSearch({ from: '/compare' });
  if (!source.isLive) {
    return (
      <EmptyState title="Compare is only available in the live console">
        Exported pages do not contain the data.
      </EmptyState>
    );
  }
  return of === undefined ? <CompareRuns /> : <CompareRecords of={of} />;
}

function CompareRuns() {
  const runs = useAnswer('/api/runs', {}, { limit: 50 });
  if (runs.error && !runs.data) return <ErrorNote error={runs.error} />;
  if (!runs.data) return <Loading />;
  const states = runs.data
    .filter(({ status }) => status !== 'running')
    .map(({ id, startedAt, command, status }) => ({
      id,
      words: `${time(startedAt)} · ${status} · ${command.slice(1).join(' ').slice(0, 50)}`,
    }));
  return <Compare states={states} what="runs" />;
}

function CompareRecords({ of }: { readonly of: string }) {
  const { partition } = useSearch({ from: '/compare' });
  const [group = '', name = ''] = of.split('/');
  const made = useAnswer('/api/assets/:group/:name/history', { group, name }, { partition });
  if (made.error && !made.data) return <ErrorNote error={made.error} />;
  if (!made.data) return <Loading />;
  const states = made.data.map(({ id, at, rowCount, dataVersion }) => ({
    id: `record:${id}`,
    words: [time(at), rowCount === null ? '' : plural(rowCount, 'row'), `data ${dataVersion.slice(0, 8)}`]
      .filter(Boolean)
      .join(' · '),
  }));
  return (
    <Compare states={states} what="records">
      <AssetLinks keys={[of]} />
      {partition !== undefined && <code>{partition}</code>}
      <Link to="/compare">Compare runs</Link>
    </Compare>
  );
}

interface CompareProps {
  /** Newest first. */
  readonly states: readonly State[];
  readonly what: string;
  readonly children?: ReactNode;
}

/** By default the newest is compared with the one before it. */
function Compare({ states, what, children }: CompareProps) {
  const { from, to } = useSearch({ from: '/compare' });
  const narrow = useNarrow();
  if (states.length < 2) {
    return <EmptyState title={`There are no two ${what} to compare yet`}>{children}</EmptyState>;
  }
  const later = to ?? states[0]?.id ?? '';
  const before = states[states.findIndex(({ id }) => id === later) + 1] ?? states.at(-1);
  const earlier = from ?? before?.id ?? '';
  return (
    <div className={styles.page}>
      <div className={styles.choose}>
        {children}
        <StateSelect
          label="From"
          states={states}
          value={earlier}
          onChange={(id) => narrow({ from: id, to: later, asset: undefined })}
        />
        <span aria-hidden>→</span>
        <StateSelect
          label="To"
          states={states}
          value={later}
          onChange={(id) => narrow({ from: earlier, to: id, asset: undefined })}
        />
      </div>
      {earlier === later ? (
        <EmptyState title="The same state is selected twice">Choose two different ones.</EmptyState>
      ) : (
        <Differences from={earlier} to={later} />
      )}
    </div>
  );
}

function Differences({ from, to }: { readonly from: string; readonly to: string }) {
  const { data, error } = useAnswer('/api/compare', {}, { from, to });
  const { asset } = useSearch({ from: '/compare' });
  if (error && !data) return <ErrorNote error={error} />;
  if (!data) return <Loading />;
  if (data.assets.length === 0)
    return (
      <EmptyState title="No differences in the data">
        {data.unchanged === 1 ? 'The asset is unchanged.' : `${count(data.unchanged)} assets are unchanged.`}
        {data.notCompared > 0 &&
          ` ${plural(data.notCompared, 'partitioned asset')} not compared: see their history.`}
      </EmptyState>
    );
  const open = data.assets.find(({ key }) => key === asset) ?? data.assets[0];
  return (
    <>
      <h2 className={styles.title}>
        {plural(data.assets.length, 'asset')} {data.assets.length === 1 ? 'differs' : 'differ'}
        {data.unchanged > 0 && <span>, {plural(data.unchanged, 'asset')} unchanged</span>}
        {data.notCompared > 0 && <span>, {data.notCompared} with partitions not compared</span>}
      </h2>
      <Card flush label="Assets that differ">
        <DiffTable diffs={data.assets} open={open} />
      </Card>
      {open && (
        <Card flush title={<code>{open.key}</code>} aside="differences">
          {open.statistics.length > 0 && (
            <ul className={styles.statistics}>
              {open.statistics.map(({ column, was, now }) => (
                <li key={column}>
                  <code>{column}</code> <s>{was}</s> <b>{now}</b>
                </li>
              ))}
            </ul>
          )}
          <RowsDiffView from={from} to={to} asset={open.key} />
        </Card>
      )}
    </>
  );
}
