import type { StepMark } from '@nx-assets/console/wire';
import { STEP_LABELS, span } from './labels.ts';
import styles from './RunMarks.module.css';

const WIDTH = 5;
const HEIGHT = 14;

const looks = (status: StepMark['status']) =>
  status === 'failed' ? styles.failed : status === 'materialized' ? styles.ran : styles.quiet;

/** The last steps of an asset, the newest at the right: as tall as they took long, and what failed with a cap. */
export function RunMarks({
  last: all,
  most = 12,
}: {
  readonly last: readonly StepMark[];
  readonly most?: number;
}) {
  const last = all.slice(-most);
  const longest = Math.max(1, ...last.map(({ took }) => took));
  const failed = last.filter(({ status }) => status === 'failed').length;
  const words =
    last.length === 0
      ? 'no runs yet'
      : `last ${last.length} runs, ${failed} failed; the newest: ${STEP_LABELS[last.at(-1)?.status ?? 'done']}`;
  return (
    <svg width={most * WIDTH} height={HEIGHT} className={styles.marks} role="img" aria-label={words}>
      {last.map(({ runId, status, took, at }, index) => {
        const height = 3 + Math.round((HEIGHT - 5) * Math.sqrt(took / longest));
        const x = (most - last.length + index) * WIDTH;
        return (
          <g key={`${runId} ${at} ${index}`} className={looks(status)}>
            <title>{`${STEP_LABELS[status]} in ${span(took)}`}</title>
            <rect x={x} y={HEIGHT - height} width={WIDTH - 2} height={height} rx={1} />
            {status === 'failed' && <rect x={x - 1} y={HEIGHT - height} width={WIDTH} height={2} />}
          </g>
        );
      })}
    </svg>
  );
}
