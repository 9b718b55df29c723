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
  readonly filter: LogFilter;
}

/** When things ran, beside what they said. */
export function RunBody({ detail, chosen, choose, filter }: RunBodyProps) {
  const { lines: said, isWhole } = useLines(detail.run.id);
  const { steps } = detail;
  const lines = useMemo(() => withFailures(said, steps), [said, steps]);
  return (
    <div className={styles.body}>
      <Gantt detail={detail} chosen={chosen} choose={choose} />
      <LogView lines={lines} filter={filter} isWhole={isWhole} />
    </div>
  );
}
