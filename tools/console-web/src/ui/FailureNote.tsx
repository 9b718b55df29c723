import type { Failure } from '@nx-assets/console/wire';
import type { ReactNode } from 'react';
import styles from './FailureNote.module.css';

const BLAME: Readonly<Record<string, string>> = {
  author: 'in the code of the asset',
  environment: 'in the surroundings',
  framework: 'a bug of Nx Assets',
};

/** What went wrong, whose bug it is, and the stack for who wants it. */
export function FailureNote({
  failure,
  title,
  children,
}: {
  readonly failure: Failure | null;
  readonly title?: ReactNode;
  readonly children?: ReactNode;
}) {
  if (!failure) return null;
  const { code, message, stack, blame } = failure;
  return (
    <div className={styles.note}>
      <p className={styles.title}>
        {title} <code>{code}</code> {blame && <span>{BLAME[blame] ?? blame}</span>}
      </p>
      <p className={styles.message}>{message}</p>
      {stack && (
        <details>
          <summary>Stack</summary>
          <pre>{stack}</pre>
        </details>
      )}
      {children}
    </div>
  );
}
