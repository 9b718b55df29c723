import { addressOf, type RunStatus, type RunView } from '@nx-assets/console/wire';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useAnswer } from '../../api/client.ts';
import { useNarrow } from '../../api/useNarrow.ts';
import { RUN_PAGES } from '../../api/live.ts';
import { source } from '../../api/source.ts';
import { CountsBar } from '../../run/CountsBar.tsx';
import { countWords, RUN_LABELS, waitingOf } from '../../run/countWords.ts';
import { RunTime } from '../../run/RunLine.tsx';
import { useTitle } from '../../shell/useTitle.ts';
import { Age } from '../../ui/Age.tsx';
import { Button } from '../../ui/Button.tsx';
import { EmptyState, ErrorNote, Loading } from '../../ui/Notes.tsx';
import { markOf, StatusMark } from '../../ui/StatusMark.tsx';
import styles from './RunsPage.module.css';

const STATUSES: readonly RunStatus[] = ['running', 'succeeded', 'failed', 'cancelled', 'lost'];
const PAGE = 50;

/** All runs, the newest first; those that begin now appear at the top. */
export function RunsPage() {
  useTitle('Runs');
  const { status, filter: asset } = useSearch({ from: '/runs' });
  const narrow = useNarrow();
  const workspace = useAnswer('/api/workspace', {});
  const query = source.isLive ? { limit: PAGE, status, asset } : {};
  const { data, error, hasNextPage, fetchNextPage, isFetching } = useInfiniteQuery({
    queryKey: [...RUN_PAGES, status, asset],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: before }) =>
      source.get(addressOf('/api/runs', {}, { ...query, before })) as Promise<readonly RunView[]>,
    getNextPageParam: (page) => (source.isLive && page.length === PAGE ? page.at(-1)?.id : undefined),
  });
  if (error && !data) return <ErrorNote error={error} />;
  if (!data) return <Loading />;
  const runs = data.pages.flat();
  return (
    <div className={styles.page}>
      <div className={styles.filters}>
        <label>
          Status{' '}
          <select value={status ?? ''} onChange={(event) => narrow({ status: event.target.value })}>
            <option value="">all</option>
            {STATUSES.map((one) => (
              <option key={one} value={one}>
                {RUN_LABELS[one]}
              </option>
            ))}
          </select>
        </label>
        <label>
          Asset{' '}
          <select value={asset ?? ''} onChange={(event) => narrow({ filter: event.target.value })}>
            <option value="">any</option>
            {workspace.data?.assets.map(({ key }) => (
              <option key={key}>{key}</option>
            ))}
          </select>
        </label>
      </div>
      {runs.length === 0 ? (
        <EmptyState title="No runs">
          {status || asset ? 'No run matches the filter.' : <code>npx nx run-many -t materialize</code>}
        </EmptyState>
      ) : (
        <ul className={styles.runs}>
          {runs
            .filter((run) => (!status || run.status === status) && (!asset || run.requested.includes(asset)))
            .map((run) => (
              <Row key={run.id} run={run} />
            ))}
        </ul>
      )}
      {hasNextPage && (
        <Button onClick={() => void fetchNextPage()} disabled={isFetching}>
          Older runs
        </Button>
      )}
    </div>
  );
}

function Row({ run }: { readonly run: RunView }) {
  return (
    <li>
      <Link to="/runs/$id" params={{ id: run.id }} className={styles.row}>
        <StatusMark mark={markOf(run.status)} />
        <b className={styles[run.status]}>{RUN_LABELS[run.status]}</b>
        <code>{run.command.join(' ')}</code>
        <span className={styles.counts}>
          <CountsBar counts={run.counts} waiting={waitingOf(run)} />
          {countWords(run.counts, waitingOf(run))}
        </span>
        <span className={styles.who} title="The process that started it">
          {run.by.host}:{run.by.pid}
        </span>
        <span className={styles.number}>
          <RunTime run={run} />
        </span>
        <span className={styles.number}>
          <Age at={run.startedAt} />
        </span>
      </Link>
    </li>
  );
}
