import { X } from 'lucide-react';
import { dismiss, useToasts } from './toasts.ts';
import styles from './Toasts.module.css';

/** What was said at the edge of the page; also said to who cannot see it. */
export function Toasts() {
  return (
    <ol className={styles.toasts} aria-live="polite" aria-label="Messages">
      {useToasts().map(({ id, tone, content }) => (
        <li key={id} className={tone === 'failed' ? styles.failed : undefined}>
          <div>{content}</div>
          <button type="button" onClick={() => dismiss(id)} aria-label="Dismiss">
            <X size={14} />
          </button>
        </li>
      ))}
    </ol>
  );
}
