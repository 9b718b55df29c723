import { Link } from '@tanstack/react-router';
import { useConnection, useRunning } from '../api/live.ts';
import { source } from '../api/source.ts';
import { time } from '../ui/labels.ts';
import { StatusMark } from '../ui/StatusMark.tsx';
import type { WorkspaceView } from '@nx-assets/console/wire';
import { PAGES } from './pages.ts';
import styles from './Sidebar.module.css';

const CONNECTION = {
  live: 'Live',
  connecting: 'Connecting …',
  lost: 'Connection lost',
  static: 'Exported pages',
} as const;

export function Sidebar({ workspace }: { readonly workspace: WorkspaceView | undefined }) {
  const running = new Set(useRunning().map(({ runId }) => runId)).size;
  const connection = useConnection();
  return (
    <div className={styles.sidebar}>
      <Link to="/groups" className={styles.brand} aria-label="Nx Assets, go to groups">
        <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden>
          <path d="m12 2 10 5-10 5L2 7z" fill="currentColor" />
          <path d="m2 12 10 5 10-5-3-1.500-7 3.500-7-3.500z" fill="currentColor" opacity="0.700" />
          <path d="m2 17 10 5 10-5-3-1.500-7 3.500-7-3.500z" fill="currentColor" opacity="0.400" />
        </svg>
        <span>{workspace?.name ?? 'Nx Assets'}</span>
      </Link>
      <nav aria-label="Pages">
        {PAGES.map(({ to, title, icon: Icon }) => (
          <Link
            key={to}
            to={to}
            activeProps={{ 'aria-current': 'page' }}
            activeOptions={{ includeSearch: false }}
          >
            <Icon size={17} aria-hidden />
            <span>{title}</span>
            {to === '/runs' && running > 0 && (
              <span className={styles.count}>
                <StatusMark mark="running" size={12} /> {running}
                <span className="visually-hidden"> running</span>
              </span>
            )}
          </Link>
        ))}
      </nav>
      <footer role="status">
        <span className={styles[connection]}>{CONNECTION[connection]}</span>
        {workspace && <span>{source.isLive ? `nx ${workspace.versions.nx}` : time(workspace.at)}</span>}
      </footer>
    </div>
  );
}
