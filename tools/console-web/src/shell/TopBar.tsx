import type { WorkspaceView } from '@nx-assets/console/wire';
import { useLocation } from '@tanstack/react-router';
import { Command, GitBranch, Moon, Sun } from 'lucide-react';
import { useState } from 'react';
import { source } from '../api/source.ts';
import { Button } from '../ui/Button.tsx';
import { FilterField } from './FilterField.tsx';
import { MaterializeButton } from './MaterializeButton.tsx';
import { PAGES } from './pages.ts';
import { chooseTheme, currentTheme } from './theme.ts';
import styles from './TopBar.module.css';

const WITH_FILTER = ['/groups', '/lineage', '/checks'];

interface TopBarProps {
  readonly workspace: WorkspaceView | undefined;
  readonly openPalette: () => void;
}

export function TopBar({ workspace, openPalette }: TopBarProps) {
  const { pathname } = useLocation();
  const title = pathname.startsWith('/assets/')
    ? 'Asset'
    : (PAGES.find(({ to }) => pathname.startsWith(to))?.title ?? 'Nx Assets');
  return (
    <header className={styles.bar}>
      <h1>{title}</h1>
      {workspace?.branch && (
        <span className={styles.branch}>
          <GitBranch size={13} aria-hidden />
          <span className="visually-hidden">branch </span>
          {workspace.branch}
        </span>
      )}
      <div className={styles.middle}>
        {workspace && WITH_FILTER.includes(pathname) && <FilterField workspace={workspace} />}
      </div>
      <button type="button" className={styles.palette} onClick={openPalette} aria-label="Find anything">
        <Command size={14} aria-hidden /> K
      </button>
      {workspace && source.isLive && <MaterializeButton workspace={workspace} />}
      <ThemeButton />
    </header>
  );
}

function ThemeButton() {
  const [theme, setTheme] = useState(currentTheme);
  const other = theme === 'dark' ? 'light' : 'dark';
  return (
    <Button
      aria-label={`Use the ${other} theme`}
      className={styles.theme ?? ''}
      icon={theme === 'dark' ? <Sun size={16} /> : <Moon size={16} />}
      onClick={() => {
        chooseTheme(other);
        setTheme(other);
      }}
    />
  );
}
