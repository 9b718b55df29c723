import { useId, useState } from 'react';
import styles from './LineChart.module.css';
import { scaleOf } from './scale.ts';

export interface PlotPoint {
  /** What it is the value of: a time, or a partition. */
  readonly label: string;
  readonly value: number;
  readonly id: string;
}

interface LineChartProps {
  readonly title: string;
  /** From left to right. */
  readonly points: readonly PlotPoint[];
  readonly format: (value: number) => string;
}

const WIDTH = 320;
const HEIGHT = 76;
const PAD = 6;

/** A round end of a line without length: a circle that stays one however the plot is stretched. */
const dot = (x: number, y: number) => `M${x} ${y}h0.001`;

/** A number over materializations or partitions, with its ends and its range below. Arrow keys read it out, and there is a table for who cannot see it. */
export function LineChart({ title, points, format }: LineChartProps) {
  const id = useId();
  const [place, setPlace] = useState<number | null>(null);
  const last = points.at(-1);
  if (!last) return null;
  const { x, y } = scaleOf(points, WIDTH, HEIGHT, PAD);
  const values = points.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const at = place === null ? null : points[Math.min(place, points.length - 1)];
  const line = points
    .map((point, index) => `${index === 0 ? 'M' : 'L'}${x(index)} ${y(point.value)}`)
    .join('');
  const nearest = (clientX: number, box: DOMRect) =>
    Math.round(((clientX - box.left) / box.width) * (points.length - 1));
  return (
    <figure className={styles.plot}>
      <figcaption id={id}>
        <span>{title}</span>
        <output aria-live="polite">{at ? `${format(at.value)} · ${at.label}` : format(last.value)}</output>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-labelledby={id}
        tabIndex={0}
        onPointerMove={(event) =>
          setPlace(nearest(event.clientX, event.currentTarget.getBoundingClientRect()))
        }
        onPointerLeave={() => setPlace(null)}
        onBlur={() => setPlace(null)}
        onKeyDown={(event) => {
          const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
          if (step === undefined) return;
          event.preventDefault();
          setPlace(Math.max(0, Math.min(points.length - 1, (place ?? points.length) + step)));
        }}
      >
        <path d={`${line}L${x(points.length - 1)} ${HEIGHT}L${x(0)} ${HEIGHT}Z`} className={styles.area} />
        <path d={line} className={styles.line} />
        {points.length < 40 && (
          <path
            d={points.map((point, index) => dot(x(index), y(point.value))).join('')}
            className={styles.dots}
          />
        )}
        {at && place !== null && (
          <path d={dot(x(Math.min(place, points.length - 1)), y(at.value))} className={styles.at} />
        )}
      </svg>
      <p className={styles.axis} aria-hidden>
        <span>{points[0]?.label}</span>
        <span>{low === high ? '' : `${format(low)} to ${format(high)}`}</span>
        <span>{points.length > 1 ? last.label : ''}</span>
      </p>
      <table className="visually-hidden">
        <caption>{title}</caption>
        <tbody>
          {points.slice(-20).map((point) => (
            <tr key={point.id}>
              <th scope="row">{point.label}</th>
              <td>{format(point.value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}
