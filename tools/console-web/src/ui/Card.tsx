import type { ReactNode } from 'react';
import styles from './Card.module.css';

interface CardProps {
  readonly title?: ReactNode;
  /** At the right of the title. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
  /** Names the region for who cannot see it. */
  readonly label?: string;
  /** The content has its own edges, as a table does. */
  readonly flush?: boolean;
}

export function Card({ title, aside, children, label, flush = false }: CardProps) {
  return (
    <section className={styles.card} aria-label={label}>
      {(title || aside) && (
        <header>
          <h2>{title}</h2>
          <div>{aside}</div>
        </header>
      )}
      <div className={flush ? styles.flush : styles.body}>{children}</div>
    </section>
  );
}
