import type { RunView } from '@nx-assets/console/wire';
import { Link, useLocation } from '@tanstack/react-router';
import { ChevronDown, ChevronUp, X } from 'lucide-react';
import { useState } from 'react';
import { useAnswer } from '../api/client.ts';
import { source } from '../api/source.ts';
import { Button } from '../ui/Button.tsx';
import { markOf, StatusMark } from '../ui/StatusMark.tsx';
import { CancelButton } from './CancelButton.tsx';
import { countWords, RUN_LABELS, waitingOf } from './countWords.ts';
import { RunTime } from './RunLine.tsx';
import { RunBody } from './RunBody.tsx';
import styles from './RunDock.module.css';

const KEY = 'nx-assets-dock';
/** A run that has ended stays for a while. */
const STAYS_MS = 60_000;

/** The run that goes on, or has just ended, below any page. */
export function RunDock() {
  const { data } = useAnswer('/api/runs', {}, { limit: 50 });
  const { pathname } = useLocation();
  const [isOpen, setOpen] = useState(() => localStorage.getItem(KEY) === 'open');
  const [opened] = useState(Date.now);
  const [dismissed, setDismissed] = useState<string>();
  const run = data?.find((one) => one.status === 'running') ?? data?.[0];
  const isRecent =
    run && (run.finishedAt === null ? run.status === 'running' : run.finishedAt > opened - STAYS_MS);
  if (!source.isLive || !run || !isRecent || run.id === dismissed || pathname.startsWith('/runs'))
    return null;
  const toggle = () => {
    localStorage.setItem(KEY, isOpen ? 'closed' : 'open');
    setOpen(!isOpen);
  };
  return (
    <aside className={styles.dock} aria-label="Latest run">
      <header>
        <StatusMark mark={markOf(run.status)} />
        <Link to="/runs/$id" params={{ id: run.id }} title={run.id}>
          {RUN_LABELS[run.status]}
        </Link>
        <code>{run.command.join(' ')}</code>
        <span className={styles.counts}>{countWords(run.counts, waitingOf(run))}</span>
        <span className={styles.time}>
          <RunTime run={run} />
        </span>
        <CancelButton run={run} />
        <Button
          small
          variant="quiet"
          onClick={toggle}
          aria-expanded={isOpen}
          aria-label={isOpen ? 'Collapse the run' : 'Show the run'}
          icon={isOpen ? <ChevronDown size={16} /> : <ChevronUp size={16} />}
        />
        {run.status !== 'running' && (
          <Button
            small
            variant="quiet"
            onClick={() => setDismissed(run.id)}
            aria-label="Close the run"
            icon={<X size={16} />}
          />
        )}
      </header>
      {isOpen && <Opened run={run} />}
    </aside>
  );
}

function Opened({ run }: { readonly run: RunView }) {
  const { data } = useAnswer('/api/runs/:id', { id: run.id });
  const [chosen, choose] = useState<string | undefined>();
  const [opened, open] = useState('');
  return (
    <div className={styles.body}>
      {data && (
        <RunBody
          detail={data}
          chosen={chosen}
          choose={choose}
          opened={opened}
          open={open}
          filter={{ key: chosen, level: undefined, find: undefined }}
        />
      )}
    </div>
  );
}
