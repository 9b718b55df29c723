import type { WorkspaceView } from '@nx-assets/console/wire';
import { useSearch } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { filterAssets } from '../api/filter.ts';
import { useNarrow } from '../api/useNarrow.ts';
import styles from './FilterField.module.css';

const SETTLE_MS = 150;

/** Which assets a page shows, in the words of selections; kept in the address. */
export function FilterField({ workspace }: { readonly workspace: WorkspaceView }) {
  const { filter = '' } = useSearch({ strict: false });
  const narrow = useNarrow();
  const [text, setText] = useState(filter);
  const [known, setKnown] = useState(filter);
  const field = useRef<HTMLInputElement>(null);
  // Back and forward change the address, and the field follows.
  if (known !== filter) {
    setKnown(filter);
    setText(filter);
  }
  useEffect(() => {
    if (text === filter) return undefined;
    const timer = setTimeout(() => narrow({ filter: text.trim() }), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text, filter, narrow]);
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
