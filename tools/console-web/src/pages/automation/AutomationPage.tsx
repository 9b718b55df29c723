import type { AutomationLine, TickTree, TickView } from '@nx-assets/console/wire';
import { Link, useSearch } from '@tanstack/react-router';
import { useAnswer } from '../../api/client.ts';
import { useNarrow } from '../../api/useNarrow.ts';
import { source } from '../../api/source.ts';
import { useTitle } from '../../shell/useTitle.ts';
import { Age } from '../../ui/Age.tsx';
import { Card } from '../../ui/Card.tsx';
import { Copyable } from '../../ui/Copyable.tsx';
import { EmptyState, ErrorNote, Loading } from '../../ui/Notes.tsx';
import { type Mark, StatusMark } from '../../ui/StatusMark.tsx';
import { time } from '../../ui/labels.ts';
import styles from './AutomationPage.module.css';

const MARKS: Readonly<Record<string, Mark>> = {
  requested: 'fresh',
  succeeded: 'fresh',
  running: 'running',
  pending: 'running',
  failed: 'failed',
  lost: 'failed',
  cancelled: 'missing',
  skipped: 'stale',
  nothing: 'waiting',
};
const markOfTick = (tick: TickView): Mark => MARKS[tick.request?.status ?? tick.outcome] ?? 'waiting';

const wordOfTick = ({ outcome, request }: TickView): string =>
  request && request.status !== outcome ? `${outcome}, ${request.status}` : outcome;

/** What runs by itself, when, and why it did or did not. */
export function AutomationPage() {
  useTitle('Automation');
  const { data, error } = useAnswer('/api/automation', {});
  const { name } = useSearch({ from: '/automation' });
  if (error && !data) return <ErrorNote error={error} />;
  if (!data) return <Loading />;
  if (data.automations.length === 0) {
    return (
      <EmptyState title="No automation is defined yet">
        Define a schedule, a sensor, or an asset with a condition.
      </EmptyState>
    );
  }
  return (
    <div className={styles.page}>
      <div className={styles.leader} role="status">
        <StatusMark mark={data.leader ? 'fresh' : 'missing'} />
        {data.leader ? (
          <span>
            The automation daemon runs as process {data.leader.pid} on {data.leader.host}, since{' '}
            <Age at={data.leader.since} />
          </span>
        ) : (
          <>
            <span>The automation daemon is not running.</span>
            <Copyable text={data.command} />
          </>
        )}
        {data.underWay.map(({ id, name: who, status }) => (
          <span key={id} className={styles.under}>
            <StatusMark mark="running" size={13} /> {who} ({status})
          </span>
        ))}
      </div>
      <Card flush label="Schedules, sensors and conditions">
        <ul className={styles.list}>
          {data.automations.map((line) => (
            <Line key={line.name} line={line} isOpen={line.name === name} />
          ))}
        </ul>
      </Card>
    </div>
  );
}

function Line({ line, isOpen }: { readonly line: AutomationLine; readonly isOpen: boolean }) {
  const narrow = useNarrow();
  const { name, kind, when, nextAt, last, description } = line;
  return (
    <li>
      <button
        type="button"
        className={styles.line}
        aria-expanded={isOpen}
        onClick={() => narrow({ name: isOpen ? undefined : name, tick: undefined })}
      >
        <StatusMark mark={last ? markOfTick(last) : 'waiting'} />
        <b>{name}</b>
        <span className={styles.kind}>{kind}</span>
        <span className={styles.when}>{when}</span>
        <span className={styles.next}>{nextAt === null ? '' : `next ${time(nextAt)} (local time)`}</span>
        <span className={styles.because}>
          {last ? (
            <>
              <em>{wordOfTick(last)}</em> {last.because}
            </>
          ) : (
            'not evaluated yet'
          )}
        </span>
        <span className={styles.age}>
          <Age at={last?.lastAt ?? null} />
        </span>
      </button>
      {isOpen && (
        <div className={styles.open}>
          <p>{description}</p>
          <Ticks name={name} />
        </div>
      )}
    </li>
  );
}

function Ticks({ name }: { readonly name: string }) {
  const { data, error } = useAnswer('/api/automation/ticks', {}, source.isLive ? { name, limit: 50 } : {});
  if (error && !data) return <ErrorNote error={error} />;
  if (!data) return <Loading />;
  const own = data.filter((tick) => tick.name === name);
  if (own.length === 0) return <p>No ticks yet.</p>;
  return (
    <ol className={styles.ticks}>
      {own.map((tick) => (
        <li key={tick.id}>
          <StatusMark mark={markOfTick(tick)} size={14} />
          <div>
            <p>
              <b>{wordOfTick(tick)}</b> {tick.because}
              {tick.request?.runs.map((run) => (
                <Link key={run} to="/runs/$id" params={{ id: run }}>
                  {' '}
                  run
                </Link>
              ))}
              {tick.request?.problem && <span className={styles.problem}>{tick.request.problem}</span>}
            </p>
            {tick.tree && (
              <details>
                <summary>Condition details</summary>
                <Tree tree={tick.tree} />
              </details>
            )}
          </div>
          <span className={styles.times}>
            {tick.times > 1 ? `${tick.times} times, last ` : ''}
            <Age at={tick.lastAt} />
          </span>
        </li>
      ))}
    </ol>
  );
}

function Tree({ tree: { kind, held, because, of } }: { readonly tree: TickTree }) {
  return (
    <ul className={styles.tree}>
      <li>
        <span>
          <StatusMark mark={held ? 'fresh' : 'missing'} size={13} label={held ? 'held' : 'did not hold'} />{' '}
          {kind.replaceAll('-', ' ')} <em>{because}</em>
        </span>
        {of.map((part, index) => (
          <Tree key={index} tree={part} />
        ))}
      </li>
    </ul>
  );
}
