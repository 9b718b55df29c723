import type { Failure } from '@nx-assets/console/wire';
import type { ReactNode } from 'react';
import styles from './FailureNote.module.css';

const BLAME: Readonly<Record<string, string>> = {
  author: 'in the asset’s code',
  data: 'in the data',
  machine: 'on this machine',
  framework: 'a bug in Nx Assets',
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
      <Message text={message} />
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

const FIRST = 5;

/** What went wrong comes first and what to do about it last; a query in between may be long. */
function Message({ text }: { readonly text: string }) {
  const lines = text.split('\n');
  if (lines.length <= FIRST + 2) return <p className={styles.message}>{text}</p>;
  return (
    <>
      <p className={styles.message}>{lines.slice(0, FIRST).join('\n')}</p>
      <details>
        <summary>{lines.length - FIRST - 1} more lines</summary>
        <p className={styles.message}>{lines.slice(FIRST, -1).join('\n')}</p>
      </details>
      <p className={styles.message}>{lines.at(-1)}</p>
    </>
  );
}
