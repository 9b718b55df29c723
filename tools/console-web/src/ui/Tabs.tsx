import { Link } from '@tanstack/react-router';
import styles from './Tabs.module.css';

interface TabsProps {
  readonly tabs: readonly { readonly id: string; readonly title: string; readonly note?: string }[];
  readonly chosen: string;
}

/** Tabs are addresses: each view of a page can be linked to. */
export function Tabs({ tabs, chosen }: TabsProps) {
  return (
    <nav className={styles.tabs} aria-label="Parts of this page">
      {tabs.map(({ id, title, note }) => (
        <Link
          key={id}
          to="."
          search={(was: Record<string, string | undefined>) => ({
            ...was,
            tab: id === tabs[0]?.id ? undefined : id,
          })}
          // Otherwise the first one, which says no tab, counts as active whatever tab is shown.
          activeOptions={{ exact: true, includeSearch: true }}
          aria-current={id === chosen ? 'page' : undefined}
          replace
        >
          {title}
          {note && <span>{note}</span>}
        </Link>
      ))}
    </nav>
  );
}
