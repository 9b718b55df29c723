import type { WorkspaceView } from '@nx-assets/console/wire';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useId, useMemo, useRef, useState } from 'react';
import { source } from '../api/source.ts';
import { entriesOf, find } from './entries.ts';
import { useRunAction } from './useRunAction.tsx';
import styles from './Dialog.module.css';

const SHOWN = 12;

/** Finds anything by a few letters: a combobox over a list, as screen readers know it. */
export function Palette({
  workspace,
  close,
}: {
  readonly workspace: WorkspaceView | undefined;
  readonly close: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [place, setPlace] = useState(0);
  const navigate = useNavigate();
  const { start } = useRunAction();
  const id = useId();
  useEffect(() => dialog.current?.showModal(), []);
  const entries = useMemo(() => entriesOf(workspace, source.isLive), [workspace]);
  const found = find(entries, text).slice(0, SHOWN);
  const at = Math.min(place, found.length - 1);
  const choose = (index: number) => {
    const entry = found[index];
    if (!entry) return;
    // A field that is hidden would take keys until the next frame.
    field.current?.blur();
    dialog.current?.close();
    if (entry.request) start(entry.request);
    else void navigate(entry.go);
  };
  return (
    <dialog ref={dialog} className={styles.dialog} onClose={close} aria-label="Find anything">
      <input
        ref={field}
        role="combobox"
        aria-expanded
        aria-controls={id}
        aria-activedescendant={at >= 0 ? `${id}-${at}` : undefined}
        aria-label="Find an asset, a page or an action"
        placeholder="Find an asset, a page or an action"
        value={text}
        autoFocus
        spellCheck={false}
        onChange={(event) => {
          setText(event.target.value);
          setPlace(0);
        }}
        onKeyDown={(event) => {
          const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
          if (move !== undefined && found.length > 0) setPlace((at + move + found.length) % found.length);
          else if (event.key === 'Enter') choose(at);
          else return;
          event.preventDefault();
        }}
      />
      <ul id={id} role="listbox" aria-label="Found">
        {found.map((entry, index) => (
          <li
            key={entry.id}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === at}
            onPointerMove={() => setPlace(index)}
            onClick={() => choose(index)}
          >
            <span>{entry.title}</span>
            <small>{entry.note}</small>
          </li>
        ))}
        {found.length === 0 && <li className={styles.none}>No matches.</li>}
      </ul>
    </dialog>
  );
}
