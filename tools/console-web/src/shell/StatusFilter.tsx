import type { WorkspaceView } from '@nx-assets/console/wire';
import { useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useNarrow } from '../api/useNarrow.ts';
import { useRunningKeys } from '../ui/asset-status.ts';
import { countMarks } from '../ui/StatusCounts.tsx';
import { StatusMark } from '../ui/StatusMark.tsx';
import { STATUS_LABELS } from '../ui/labels.ts';
import styles from './StatusFilter.module.css';

/** How many assets of all stand how; each number filters by its status. */
export function StatusFilter({ workspace: { assets } }: { readonly workspace: WorkspaceView }) {
  const { filter } = useSearch({ strict: false });
  const narrow = useNarrow();
  const running = useRunningKeys();
  const marks = useMemo(() => [...countMarks(assets, running)], [assets, running]);
  return (
    <div className={styles.statuses} role="group" aria-label="Assets by status">
      {marks.map(([mark, amount]) => {
        const own = `status:${mark}`;
        return (
          <button
            key={mark}
            type="button"
            disabled={mark === 'running'}
            aria-pressed={filter === own}
            onClick={() => narrow({ filter: filter === own ? undefined : own })}
          >
            <StatusMark mark={mark} size={14} />
            {mark === 'waiting' ? '' : STATUS_LABELS[mark]} <b>{amount}</b>
          </button>
        );
      })}
    </div>
  );
}
