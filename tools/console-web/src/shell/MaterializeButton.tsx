import type { RunRequest, WorkspaceView } from '@nx-assets/console/wire';
import { useLocation, useSearch } from '@tanstack/react-router';
import { ChevronDown, Play, RotateCcw } from 'lucide-react';
import { useId, useState } from 'react';
import { usePlan } from '../api/usePlan.ts';
import { Button } from '../ui/Button.tsx';
import { plural } from '../ui/labels.ts';
import { PlanNote } from './PlanNote.tsx';
import { useRunAction } from './useRunAction.tsx';
import styles from './MaterializeButton.module.css';

/** Materialize what is chosen, or all; the arrow shows the exact commands first, and other ways. */
export function MaterializeButton({ workspace }: { readonly workspace: WorkspaceView }) {
  const { chosen = '', asset } = useSearch({ strict: false });
  // Elsewhere `asset` is what is looked at, and nobody has chosen it.
  const isPicture = useLocation().pathname === '/lineage';
  const known = new Set(workspace.assets.map(({ key }) => key));
  const keys = (isPicture && asset ? [asset] : chosen.split(',')).filter((key) => known.has(key));
  const stale = workspace.assets.filter(({ status }) => status.statuses[0] !== 'fresh').length;
  const { start, isBusy } = useRunAction();
  const id = useId();
  const target: RunRequest = { assets: keys.length > 0 ? keys : 'all' };
  const [isOpen, setOpen] = useState(false);
  const name = keys.length > 0 ? 'Materialize selected' : 'Materialize all';
  return (
    <div className={styles.buttons}>
      <Button
        icon={<RotateCcw size={15} aria-hidden />}
        onClick={() => start({ assets: 'stale' })}
        disabled={isBusy || stale === 0}
        title="Materialize all assets that are not fresh"
        aria-label={`Materialize stale: ${plural(stale, 'asset')}`}
      >
        Stale <span className={styles.number}>{stale}</span>
      </Button>
      <div className={styles.split}>
        <Button
          variant="main"
          icon={<Play size={14} fill="currentColor" aria-hidden />}
          onClick={() => start(target)}
          disabled={isBusy}
        >
          {name}
        </Button>
        <button
          type="button"
          className={styles.more}
          popoverTarget={id}
          aria-label="More options, and the command"
          disabled={isBusy}
        >
          <ChevronDown size={16} />
        </button>
      </div>
      <div
        id={id}
        popover="auto"
        className={styles.menu}
        onToggle={(event) => setOpen(event.newState === 'open')}
      >
        {isOpen && <Ways target={target} start={start} />}
      </div>
    </div>
  );
}

const WAYS = [
  { title: 'Everything out of date', note: 'default', more: {} },
  { title: 'Refresh external data too', note: '--refresh', more: { refresh: true } },
  { title: 'Recompute everything', note: '--skip-nx-cache', more: { force: true } },
] as const;

function Ways({
  target,
  start,
}: {
  readonly target: RunRequest;
  readonly start: (request: RunRequest) => void;
}) {
  return (
    <>
      <p className={styles.label}>Command</p>
      <PlanNote plan={usePlan(target)} />
      <ul>
        {WAYS.map(({ title, note, more }) => (
          <li key={title}>
            <button type="button" onClick={() => start({ ...target, ...more })}>
              {title} <code>{note}</code>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
