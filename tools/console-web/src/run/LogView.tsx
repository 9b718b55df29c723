import type { LogLine } from '@nx-assets/console/wire';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, Check, Copy } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useCopy } from '../ui/useCopy.ts';
import { clock, count } from '../ui/labels.ts';
import { ansiPieces, plainText } from './ansi.ts';
import styles from './LogView.module.css';

/** Height of a line that is not too long, in pixels. */
const LINE = 20;
/** So near to the end counts as there. */
const NEAR = 30;

export interface LogFilter {
  readonly key: string | undefined;
  readonly level: string | undefined;
  readonly find: string | undefined;
}

function fits(line: LogLine, { key, level, find }: LogFilter): boolean {
  if (key !== undefined && line.key !== key) return false;
  if (level === 'warn' && line.level !== 'warn' && line.level !== 'error') return false;
  if (level === undefined && line.level === 'debug') return false;
  return !find || plainText(line.message).toLowerCase().includes(find.toLowerCase());
}

interface LogViewProps {
  readonly lines: readonly LogLine[];
  readonly filter: LogFilter;
  readonly isWhole: boolean;
}

/** What steps said, however much it is: only the lines in sight are drawn. Follows the end until somebody scrolls up. */
export function LogView({ lines, filter, isWhole }: LogViewProps) {
  const { key, level, find } = filter;
  const shown = useMemo(
    () => lines.filter((line) => fits(line, { key, level, find })),
    [lines, key, level, find],
  );
  const box = useRef<HTMLDivElement>(null);
  const [follows, setFollows] = useState(true);
  // eslint-disable-next-line react-hooks/incompatible-library -- its rows are read in this render only
  const list = useVirtualizer({
    count: shown.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE,
    getItemKey: (index) => shown[index]?.id ?? index,
    overscan: 20,
  });
  const height = list.getTotalSize();
  // Lines turn out higher than they were thought to be: the end moves.
  useEffect(() => {
    if (follows && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [follows, shown.length, height]);
  return (
    <div className={styles.log}>
      <div
        ref={box}
        className={styles.box}
        tabIndex={0}
        role="log"
        aria-label="Log lines"
        aria-live="off"
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) =>
          setFollows(scrollHeight - scrollTop - clientHeight < NEAR)
        }
      >
        {shown.length === 0 && <p className={styles.none}>{isWhole ? 'No log lines.' : 'Loading …'}</p>}
        <div className={styles.inside} style={{ height }}>
          {list.getVirtualItems().map(({ key: id, index, start }) => (
            <Line
              key={id}
              line={shown[index] as LogLine}
              index={index}
              top={start}
              measure={list.measureElement}
            />
          ))}
        </div>
      </div>
      {!follows && (
        <button type="button" className={styles.end} onClick={() => setFollows(true)}>
          <ArrowDown size={13} aria-hidden /> Jump to the end
        </button>
      )}
      <p className={styles.foot}>
        <span role="status">
          {count(shown.length)}
          {shown.length < lines.length ? ` of ${count(lines.length)}` : ''}{' '}
          {lines.length === 1 ? 'line' : 'lines'}
        </span>
        <CopyLines lines={shown} />
      </p>
    </div>
  );
}

/** Takes along all lines that fit the filter, not only those in sight, and without codes for terminals. */
function CopyLines({ lines }: { readonly lines: readonly LogLine[] }) {
  const { isCopied, copy } = useCopy();
  return (
    <button type="button" onClick={() => copy(textOf(lines))} disabled={lines.length === 0}>
      {isCopied ? <Check size={12} aria-hidden /> : <Copy size={12} aria-hidden />}{' '}
      {isCopied ? 'Copied' : 'Copy log'}
    </button>
  );
}

const nameOf = ({ key, partition }: LogLine): string => {
  const name = key.split('/')[1] ?? key;
  return partition === null ? name : `${name} [${partition}]`;
};

const textOf = (lines: readonly LogLine[]): string =>
  lines
    .map((line) => `${clock(line.at)} ${nameOf(line)} ${line.level} ${plainText(line.message)}`)
    .join('\n');

interface LineProps {
  readonly line: LogLine;
  /** Its place in the list: how the measured height finds its way back. */
  readonly index: number;
  readonly top: number;
  readonly measure: (element: HTMLElement | null) => void;
}

function Line({ line, index: place, top, measure }: LineProps) {
  const { at, level, message } = line;
  return (
    <div
      ref={measure}
      data-index={place}
      className={`${styles.line} ${styles[level]}`}
      style={{ transform: `translateY(${top}px)` }}
    >
      <time>{clock(at)}</time> <b>{nameOf(line)}</b> {level !== 'info' && <u>{level} </u>}
      {ansiPieces(message).map(({ text, colour, bold, dim }, index) => (
        <span
          key={index}
          className={
            [colour && styles[colour], bold && styles.bold, dim && styles.dim].filter(Boolean).join(' ') ||
            undefined
          }
        >
          {text}
        </span>
      ))}
    </div>
  );
}
