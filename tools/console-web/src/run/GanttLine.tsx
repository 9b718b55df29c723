import { ChevronDown, ChevronRight } from 'lucide-react';
import { count, plural, span, STEP_LABELS } from '../ui/labels.ts';
import type { GanttRow, RowState } from './gantt.ts';
import styles from './Gantt.module.css';

/** What Nx took a step from. */
const SOURCES = {
  output: 'already in output',
  local: 'local cache',
  remote: 'remote cache',
  unknown: 'up to date',
} as const;

/** What stands beside a bar. */
const NOTES: Readonly<Record<RowState, (row: GanttRow) => string>> = {
  ran: ({ from, to }) => span(to - from),
  running: ({ from, to }) => `${span(to - from)} …`,
  'up-to-date': ({ steps }) => SOURCES[steps[0]?.source ?? 'unknown'],
  failed: ({ from, to }) => `failed after ${span(to - from)}`,
  blocked: ({ steps, from, to }) => {
    const word = STEP_LABELS[steps[0]?.status ?? 'blocked'].toLowerCase();
    return to > from ? `${word} after ${span(to - from)}` : word;
  },
  waiting: () => 'waiting',
};

function noteOf(row: GanttRow): string {
  const attempt = row.steps.length === 1 ? (row.steps[0]?.attempt ?? 1) : 1;
  return `${NOTES[row.state](row)}${attempt > 1 ? `, attempt ${attempt}` : ''}`;
}

interface GanttLineProps {
  readonly row: GanttRow;
  readonly until: number;
  readonly top: number;
  readonly isChosen: boolean;
  readonly isOpen: boolean;
  readonly choose: () => void;
  readonly toggle: () => void;
}

/** A name, its bar, and beside it what came of it: the shape of a bar says what its colour does. */
export function GanttLine({ row, until, top, isChosen, isOpen, choose, toggle }: GanttLineProps) {
  const { key, partition, steps, state, from, to } = row;
  const share = (time: number) => `${(time / until) * 100}%`;
  const name = key.split('/')[1] ?? key;
  const hasParts = partition === null && steps.length > 1;
  return (
    <li style={{ top }} className={styles.row}>
      <span className={styles.name}>
        {hasParts && (
          <button
            type="button"
            className={styles.opener}
            aria-expanded={isOpen}
            aria-label={`Partitions of ${name}`}
            onClick={toggle}
          >
            {isOpen ? <ChevronDown size={13} /> : <ChevronRight size={13} />}
          </button>
        )}
        {partition === null ? (
          <button
            type="button"
            className={styles.pick}
            aria-pressed={isChosen}
            onClick={choose}
            title={titleOf(row)}
          >
            {name}
            {hasParts && <small> {count(steps.length)}</small>}
          </button>
        ) : (
          <span className={styles.part} title={titleOf(row)}>
            {partition}
          </span>
        )}
      </span>
      <span className={styles.lane}>
        <i
          className={styles[state]}
          style={{ left: share(from), width: state === 'waiting' ? undefined : share(to - from) }}
        />
        <em
          className={styles.note}
          style={{ left: state === 'waiting' ? undefined : `calc(${share(to)} + 11px)` }}
        >
          {noteOf(row)}
        </em>
      </span>
    </li>
  );
}

function titleOf({ key, partition, steps }: GanttRow): string {
  const why = [...new Set(steps.map(({ why: words }) => words))].filter(Boolean).slice(0, 3).join('; ');
  const parts = steps.length > 1 ? `, ${plural(steps.length, 'step')}` : '';
  return `${key}${partition ? ` [${partition}]` : ''}${parts}${why ? `: ${why}` : ''}`;
}
