import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { AnswerError } from '../api/source.ts';
import styles from './Notes.module.css';

/** Nothing to show, and what to do about it. */
export function EmptyState({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <h2>{title}</h2>
      {children && <div>{children}</div>}
    </div>
  );
}

/** What went wrong, and the remedy. */
export function ErrorNote({ error }: { readonly error: unknown }) {
  const view = error instanceof AnswerError ? error.view : null;
  const message = view?.message ?? (error instanceof Error ? error.message : String(error));
  return (
    <div className={styles.error} role="alert">
      <TriangleAlert size={16} aria-hidden />
      <div>
        <p>
          {view && <code>{view.code} </code>}
          {message}
        </p>
        {view?.remedy && <p className={styles.remedy}>{view.remedy}</p>}
      </div>
    </div>
  );
}

/** While an answer is on its way. */
export const Loading = () => (
  <div className={styles.loading} role="status">
    <span className="visually-hidden">Loading</span>
    <i />
    <i />
    <i />
  </div>
);
