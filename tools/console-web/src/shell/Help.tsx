import { useEffect, useRef } from 'react';
import { PAGES } from './pages.ts';
import styles from './Dialog.module.css';

const KEYS = [
  ['⌘K or Ctrl K', 'Find an asset, a page, an action'],
  ['/', 'Filter'],
  ...PAGES.map(({ letter, title }) => [`g ${letter}`, `Go to ${title}`]),
  ['← ↑ → ↓', 'Lineage: move between assets'],
  ['Enter', 'Lineage: open the asset'],
  ['Shift and click', 'Lineage: all paths between two assets'],
  ['+ − 0', 'Lineage: zoom in, zoom out, fit'],
  ['Escape', 'Lineage: clear the selection'],
  ['?', 'Keyboard shortcuts'],
] as const;

/** The keys. */
export function Help({ close }: { readonly close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className={styles.dialog} onClose={close} aria-label="Keyboard shortcuts">
      <h2>Keyboard</h2>
      <table>
        <tbody>
          {KEYS.map(([keys, does]) => (
            <tr key={keys}>
              <th scope="row">
                <kbd>{keys}</kbd>
              </th>
              <td>{does}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <form method="dialog">
        <button>Close</button>
      </form>
    </dialog>
  );
}
