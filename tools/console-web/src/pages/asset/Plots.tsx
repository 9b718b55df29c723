import type { MaterializationView } from '@nx-assets/console/wire';
import { useAnswer } from '../../api/client.ts';
import { LineChart, type PlotPoint } from '../../plot/LineChart.tsx';
import { bytes, count, span, time } from '../../ui/labels.ts';
import styles from './Plots.module.css';

interface PlotsProps {
  readonly group: string;
  readonly name: string;
  /** Titles of those that are wanted; all of them otherwise. */
  readonly only?: readonly string[];
}

/**
 * Numbers over its materializations: rows, size, time, and what its metadata has. Of an asset with partitions, over
 * these: one partition after the other in time would compare what is not alike.
 */
export function Plots({ group, name, only }: PlotsProps) {
  const { data } = useAnswer('/api/assets/:group/:name/history', { group, name });
  const made = inOrder(data ?? []);
  const points = (value: (one: (typeof made)[number]) => number | null | undefined): PlotPoint[] =>
    made.flatMap((one) => {
      const found = value(one);
      return found === null || found === undefined
        ? []
        : [{ label: one.partition ?? time(one.at), value: found, id: String(one.id) }];
    });
  const names = [...new Set(made.flatMap(({ numbers }) => Object.keys(numbers)))];
  const plots = [
    { title: 'Rows', points: points(({ rowCount }) => rowCount), format: count },
    { title: 'Size', points: points((one) => one.bytes), format: bytes },
    { title: 'Time', points: points(({ took }) => took), format: span },
    ...names.map((title) => ({
      title,
      points: points(({ numbers }) => numbers[title]),
      format: (value: number) => count(value),
    })),
  ];
  return (
    <div className={styles.plots}>
      {plots
        .filter(({ title, points: own }) => own.length > 0 && (!only || only.includes(title)))
        .map((plot) => (
          <LineChart key={plot.title} {...plot} />
        ))}
    </div>
  );
}

/** The newest first becomes the oldest first; or the last of each partition, in the order of their keys. */
function inOrder(newestFirst: readonly MaterializationView[]): readonly MaterializationView[] {
  if (newestFirst.every(({ partition }) => partition === null)) return [...newestFirst].reverse();
  const last = new Map<string, MaterializationView>();
  for (const one of newestFirst) {
    const key = one.partition ?? '';
    if (!last.has(key)) last.set(key, one);
  }
  const keys = [...last.keys()].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return keys.flatMap((key) => last.get(key) ?? []);
}
