import type { RunDetail } from '@nx-assets/console/wire';
import { useMemo } from 'react';
import { Gantt } from './Gantt.tsx';
import { type LogFilter, LogView } from './LogView.tsx';
import styles from './RunBody.module.css';
import { useLines } from './useLines.ts';
import { withFailures } from './failures.ts';

interface RunBodyProps {
  readonly detail: RunDetail;
  readonly chosen: string | undefined;
  readonly choose: (key: string | undefined) => void;
  /** Keys of the assets that show their partitions, with commas between. */
  readonly opened: string | undefined;
  readonly open: (keys: string) => void;
  readonly filter: LogFilter;
}

/** When things ran, beside what they said. */
export function RunBody({ detail, filter, ...look }: RunBodyProps) {
  const { lines: said, isWhole } = useLines(detail.run.id);
  const { steps } = detail;
  const lines = useMemo(() => withFailures(said, steps), [said, steps]);
  return (
    <div className={styles.body}>
      <Gantt detail={detail} {...look} />
      <LogView lines={lines} filter={filter} isWhole={isWhole} />
    </div>
  );
}
