import type { RunDetail } from '@nx-assets/console/wire';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef } from 'react';
import { useAnswer } from '../api/client.ts';
import { span } from '../ui/labels.ts';
import { type GanttRow, ganttRows, ticksOf, withUpstream } from './gantt.ts';
import styles from './Gantt.module.css';
import { GanttLine } from './GanttLine.tsx';
import { StepNote } from './StepNote.tsx';
import { useClock } from './useClock.ts';
import { useZoom } from './useZoom.ts';

const ROW = 26;
const AXIS = 26;
/** At most so many on the axis: names of times must not touch each other where the chart is narrow. */
const TICKS = 4;

interface GanttProps {
  readonly detail: RunDetail;
  readonly chosen: string | undefined;
  readonly choose: (key: string | undefined) => void;
  readonly opened: string | undefined;
  readonly open: (keys: string) => void;
}

/** When each asset of a run was made, and how long it took; more about the one that is chosen. */
export function Gantt({ detail: { run, steps }, chosen, choose, opened: given = '', open }: GanttProps) {
  const now = useClock(run.status === 'running');
  const opened = useMemo(() => new Set(given.split(',')), [given]);
  const { data: workspace } = useAnswer('/api/workspace', {});
  const awaited = useMemo(
    () => withUpstream(run.requested, workspace?.assets ?? []),
    [run.requested, workspace],
  );
  // A run that was lost has no end: it lasted until something was last heard of it.
  const lastHeard = useMemo(
    () => steps.reduce((last, step) => Math.max(last, step.finishedAt ?? step.startedAt), run.startedAt),
    [steps, run.startedAt],
  );
  const finishedAt = run.finishedAt ?? (run.status === 'running' ? null : lastHeard);
  const { rows, until } = useMemo(
    () => ganttRows(steps, awaited, { startedAt: run.startedAt, finishedAt }, now, opened),
    [steps, awaited, run.startedAt, finishedAt, now, opened],
  );
  const box = useRef<HTMLDivElement>(null);
  const { zoom, isMost, closer, farther, onKeyDown } = useZoom(box);
  // eslint-disable-next-line react-hooks/incompatible-library -- its rows are read in this render only
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  const toggle = (key: string) => {
    const next = new Set(opened);
    if (!next.delete(key)) next.add(key);
    open([...next].filter(Boolean).join(','));
  };
  const picked = steps.filter(({ key }) => key === chosen);
  return (
    <div className={styles.chart}>
      <div className={styles.zoom}>
        <button type="button" onClick={farther} disabled={zoom === 1} aria-label="Zoom out">
          −
        </button>
        <button type="button" onClick={closer} disabled={isMost} aria-label="Zoom in">
          +
        </button>
      </div>
      <div
        ref={box}
        className={styles.box}
        tabIndex={0}
        role="group"
        aria-label="Steps over time; plus and minus zoom"
        onKeyDown={onKeyDown}
      >
        <div
          className={styles.inside}
          style={{ height: list.getTotalSize() + AXIS, width: `${zoom * 100}%` }}
        >
          <div className={styles.axis} aria-hidden>
            {ticksOf(until, TICKS * zoom).map((tick) => (
              <span key={tick} style={{ left: `${(tick / until) * 100}%` }}>
                {tick === 0 ? '0' : span(tick)}
              </span>
            ))}
          </div>
          {run.status === 'running' && <i className={styles.now} aria-hidden />}
          <ul>
            {list.getVirtualItems().map(({ index, start }) => {
              const row = rows[index] as GanttRow;
              return (
                <GanttLine
                  key={`${row.key} ${row.partition ?? ''}`}
                  row={row}
                  until={until}
                  top={start + AXIS}
                  isChosen={chosen === row.key}
                  isOpen={opened.has(row.key)}
                  choose={() => choose(chosen === row.key ? undefined : row.key)}
                  toggle={() => toggle(row.key)}
                />
              );
            })}
          </ul>
        </div>
      </div>
      {picked.length > 0 && <StepNote steps={picked} close={() => choose(undefined)} />}
    </div>
  );
}
