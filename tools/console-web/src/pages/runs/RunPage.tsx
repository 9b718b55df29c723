import type { RunDetail, StepView } from '@nx-assets/console/wire';
import { Link, Navigate, useParams, useSearch } from '@tanstack/react-router';
import { useAnswer } from '../../api/client.ts';
import { useNarrow } from '../../api/useNarrow.ts';
import { useTyped } from '../../api/useTyped.ts';
import { RunBody } from '../../run/RunBody.tsx';
import { CancelButton } from '../../run/CancelButton.tsx';
import { CountsBar } from '../../run/CountsBar.tsx';
import { countWords, RUN_LABELS, waitingOf } from '../../run/countWords.ts';
import { AgainButtons, RunTime } from '../../run/RunLine.tsx';
import { useTitle } from '../../shell/useTitle.ts';
import { Copyable } from '../../ui/Copyable.tsx';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { ErrorNote, Loading } from '../../ui/Notes.tsx';
import { markOf, StatusMark } from '../../ui/StatusMark.tsx';
import { time } from '../../ui/labels.ts';
import styles from './RunPage.module.css';

export function RunPage() {
  const { id } = useParams({ from: '/runs/$id' });
  const { data, error } = useAnswer('/api/runs/:id', { id });
  useTitle(data ? `${RUN_LABELS[data.run.status]} run` : 'Run');
  if (error) {
    return (
      <>
        <ErrorNote error={error} />
        <p className={styles.soon}>If you just started this run, it appears here once it begins.</p>
      </>
    );
  }
  if (!data) return <Loading />;
  // Live events have the whole name, and an address may have the beginning of it.
  if (data.run.id !== id) return <Navigate to="/runs/$id" params={{ id: data.run.id }} replace />;
  return <Run detail={data} />;
}

function Run({ detail }: { readonly detail: RunDetail }) {
  const { run, steps } = detail;
  const { step, level, open } = useSearch({ from: '/runs/$id' });
  const found = useTyped('find');
  const narrow = useNarrow();
  const failed = steps.filter(({ status }) => status === 'failed');
  return (
    <div className={styles.page}>
      <header>
        <div className={styles.title}>
          <StatusMark mark={markOf(run.status)} size={18} />
          <h2>{RUN_LABELS[run.status]}</h2>
          <span>
            <RunTime run={run} />
          </span>
          <span className={styles.when}>{time(run.startedAt)}</span>
          <div className={styles.actions}>
            <Link to="/compare" search={{ to: run.id }}>
              Compare
            </Link>
            <AgainButtons detail={detail} />
            <CancelButton run={run} />
          </div>
        </div>
        <Copyable text={`npx ${run.command.join(' ')}`} />
        <div className={styles.counts}>
          <p role="status">{countWords(run.counts, waitingOf(run))}</p>
          <CountsBar counts={run.counts} waiting={waitingOf(run)} />
          <p>
            process {run.by.pid} on {run.by.host}
          </p>
        </div>
      </header>
      {failed.length > 0 && <Failed steps={failed} all={steps} />}
      <div className={styles.filters}>
        <label>
          Lines of{' '}
          <select value={step ?? ''} onChange={(event) => narrow({ step: event.target.value })}>
            <option value="">all steps</option>
            {[...new Set(steps.map(({ key }) => key))].map((key) => (
              <option key={key}>{key}</option>
            ))}
          </select>
        </label>
        <label>
          Level{' '}
          <select value={level ?? ''} onChange={(event) => narrow({ level: event.target.value })}>
            <option value="">info and above</option>
            <option value="warn">warn</option>
            <option value="debug">with debug</option>
          </select>
        </label>
        <input
          type="search"
          placeholder="Search the log"
          aria-label="Search the log"
          value={found.text}
          onChange={(event) => found.setText(event.target.value)}
        />
      </div>
      <div className={styles.body}>
        <RunBody
          detail={detail}
          chosen={step}
          choose={(key) => narrow({ step: key })}
          opened={open}
          open={(keys) => narrow({ open: keys })}
          filter={{ key: step, level, find: found.said }}
        />
      </div>
    </div>
  );
}

function Failed({ steps, all }: { readonly steps: readonly StepView[]; readonly all: readonly StepView[] }) {
  const blocked = [...new Set(all.filter(({ status }) => status === 'blocked').map(({ key }) => key))];
  return (
    <div className={styles.failed}>
      {steps.slice(0, 5).map((step) => (
        <FailureNote
          key={`${step.key} ${step.partition}`}
          failure={step.failure}
          title={
            <Link
              to="/assets/$group/$name"
              params={{ group: step.key.split('/')[0] ?? '', name: step.key.split('/')[1] ?? '' }}
            >
              {step.key}
              {step.partition === null ? '' : ` [${step.partition}]`}
            </Link>
          }
        />
      ))}
      {steps.length > 5 && <p>{steps.length - 5} more failed.</p>}
      {blocked.length > 0 && (
        <p>
          Blocked: <code>{blocked.join(', ')}</code>
        </p>
      )}
    </div>
  );
}
