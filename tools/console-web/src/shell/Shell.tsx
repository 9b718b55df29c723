import { Outlet } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useEffect, useState } from 'react';
import { useAnswer } from '../api/client.ts';
import { onNotice, startLive } from '../api/live.ts';
import { ErrorNote } from '../ui/Notes.tsx';
import { Help } from './Help.tsx';
import { Palette } from './Palette.tsx';
import { Problem } from './Problem.tsx';
import { Sidebar } from './Sidebar.tsx';
import { say } from './toasts.ts';
import { Toasts } from './Toasts.tsx';
import { TopBar } from './TopBar.tsx';
import { useShortcuts } from './useShortcuts.ts';
import styles from './Shell.module.css';

const RunDock = lazy(() =>
  patiently(async () => ({ default: (await import('../run/RunDock.tsx')).RunDock })),
);

const TRIES = 30;
const AGAIN_MS = 2_000;

/** What stands around pages is no reason to lose one: the server may be back soon. */
async function patiently<T>(load: () => Promise<T>): Promise<T> {
  for (let tries = 1; tries < TRIES; tries++) {
    try {
      return await load();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
  return load();
}

/** What stands around every page. */
export function Shell() {
  const workspace = useAnswer('/api/workspace', {});
  const isKnown = workspace.data !== undefined;
  useEffect(() => (isKnown ? startLive() : undefined), [isKnown]);
  useEffect(() => onNotice((message) => say(<pre className={styles.notice}>{message}</pre>, 'failed')), []);
  const [open, setOpen] = useState<'palette' | 'help' | null>(null);
  const openPalette = useCallback(() => setOpen('palette'), []);
  const openHelp = useCallback(() => setOpen('help'), []);
  // A dialog says late that it is closed: the other one may be open by then.
  const close = (one: 'palette' | 'help') => setOpen((now) => (now === one ? null : now));
  useShortcuts(openPalette, openHelp);
  return (
    <div className={styles.shell}>
      <a href="#content" className={styles.skip}>
        Skip to content
      </a>
      <Sidebar workspace={workspace.data} />
      <div className={styles.page}>
        <TopBar workspace={workspace.data} openPalette={openPalette} />
        {workspace.data?.problem && <Problem problem={workspace.data.problem} />}
        <main id="content" tabIndex={-1}>
          {workspace.error && !workspace.data ? <ErrorNote error={workspace.error} /> : <Outlet />}
        </main>
        <Suspense>{isKnown && <RunDock />}</Suspense>
      </div>
      <Toasts />
      {open === 'palette' && <Palette workspace={workspace.data} close={() => close('palette')} />}
      {open === 'help' && <Help close={() => close('help')} />}
    </div>
  );
}
