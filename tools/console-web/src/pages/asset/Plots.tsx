import { useAnswer } from '../../api/client.ts';
import { LineChart, type PlotPoint } from '../../plot/LineChart.tsx';
import { bytes, count, span } from '../../ui/words.ts';
import styles from './Plots.module.css';

interface PlotsProps {
  readonly group: string;
  readonly name: string;
  /** Titles of those that are wanted; all of them otherwise. */
  readonly only?: readonly string[];
}

/** Numbers over its materializations: rows, size, time, and what its metadata has. */
export function Plots({ group, name, only }: PlotsProps) {
  const { data } = useAnswer('/api/assets/:group/:name/history', { group, name });
  const made = [...(data ?? [])].reverse();
  const points = (value: (one: (typeof made)[number]) => number | null | undefined): PlotPoint[] =>
    made.flatMap((one) => {
      const found = value(one);
      return found === null || found === undefined ? [] : [{ at: one.at, value: found, id: String(one.id) }];
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
