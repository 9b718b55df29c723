import type { WorkspaceView } from '@nx-assets/console/wire';
import { Search } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { filterAssets } from '../api/filter.ts';
import { useTyped } from '../api/useTyped.ts';
import styles from './FilterField.module.css';

/** Which assets a page shows, in the words of selections; kept in the address. */
export function FilterField({ workspace }: { readonly workspace: WorkspaceView }) {
  const { text, setText } = useTyped('filter');
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const at = event.target as HTMLElement;
      if (event.key !== '/' || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName)) return;
      event.preventDefault();
      field.current?.focus();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  const { keys, problem } = filterAssets(workspace, text);
  return (
    <div className={styles.filter}>
      <Search size={15} aria-hidden />
      <input
        ref={field}
        type="search"
        value={text}
        onChange={(event) => setText(event.target.value)}
        placeholder="Filter: group:exports kind:csv status:stale +top_authors"
        aria-label="Filter assets"
        aria-describedby="filter-says"
        aria-invalid={problem !== null}
        spellCheck={false}
        autoComplete="off"
      />
      <span id="filter-says" role="status" className={problem ? styles.problem : styles.says}>
        {problem ?? (text.trim() === '' ? '' : `${keys.size} of ${workspace.assets.length}`)}
      </span>
    </div>
  );
}
