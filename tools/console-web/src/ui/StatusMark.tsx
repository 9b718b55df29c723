import type { RunStatus, Status, StepStatus } from '@nx-assets/console/wire';
import type { ReactNode } from 'react';
import styles from './StatusMark.module.css';

export type Mark = Status | 'running' | 'waiting';

/** A shape for each, so that colour is never needed to tell them apart. Drawn in 16×16. */
const SHAPES: Readonly<Record<Mark, ReactNode>> = {
  fresh: (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" />
      <path d="m4.800 8.200 2.300 2.300 4.200-4.700" className={styles.cut} />
    </>
  ),
  stale: (
    <>
      <circle cx="8" cy="8" r="6.200" className={styles.ring} />
      <path d="M8 1.800a6.200 6.200 0 0 0 0 12.400z" fill="currentColor" />
    </>
  ),
  due: (
    <>
      <circle cx="8" cy="8" r="6.200" className={styles.ring} />
      <path d="M8 4.300V8l2.500 1.700" className={styles.ring} />
    </>
  ),
  overdue: (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" />
      <path d="M8 4.300V8l2.500 1.700" className={styles.cut} />
    </>
  ),
  failed: (
    <>
      <path d="M5.100 1h5.800L15 5.100v5.800L10.900 15H5.100L1 10.900V5.100z" fill="currentColor" />
      <path d="m5.700 5.700 4.600 4.600m0-4.600-4.600 4.600" className={styles.cut} />
    </>
  ),
  missing: <circle cx="8" cy="8" r="6.200" className={styles.dashed} />,
  running: (
    <>
      <circle cx="8" cy="8" r="6" className={styles.track} />
      <path d="M8 2a6 6 0 0 1 6 6" className={styles.spin} />
    </>
  ),
  waiting: <circle cx="8" cy="8" r="2.500" fill="currentColor" />,
};

/** What a step or a run came to, as a status that has a shape. */
export const markOf = (status: StepStatus | RunStatus): Mark => {
  switch (status) {
    case 'running':
      return 'running';
    case 'failed':
      return 'failed';
    case 'blocked':
    case 'cancelled':
    case 'lost':
      return 'missing';
    default:
      return 'fresh';
  }
};

/** Shape and colour of a status; the word stands beside it, or is `label`, for who cannot see it. */
export function StatusMark({
  mark,
  size = 16,
  label,
}: {
  readonly mark: Mark;
  readonly size?: number;
  readonly label?: string;
}) {
  return (
    <svg
      viewBox="0 0 16 16"
      width={size}
      height={size}
      className={styles[mark]}
      role={label ? 'img' : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
    >
      {SHAPES[mark]}
    </svg>
  );
}
