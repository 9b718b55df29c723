import { stripVTControlCharacters } from 'node:util';
import { colours as pc } from './colours.ts';
import { plainParts } from './terminal-text.ts';

/** `1 234 567`. */
export const count = (value: number | null): string =>
  value === null ? '' : String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ' ');

/** `1 row`, `1 234 rows`. */
export const plural = (amount: number, noun: string): string =>
  `${count(amount)} ${noun}${amount === 1 ? '' : 's'}`;

/** `2.1 kB`, in powers of 1000. */
export function bytes(value: number | null): string {
  if (value === null) return '';
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = value;
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${unit === 0 || size >= 99.5 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}

/** `340 ms`, `12.4 s`, `3 m 20 s`. Nothing took less than no time, but clocks are set back. */
export function duration(milliseconds: number | null): string {
  if (milliseconds === null) return '';
  if (milliseconds < 0) return '0 ms';
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
}

/** A column of a table: its title, and what it says of a row. */
export interface TableColumn<Row> {
  readonly title: string;
  readonly align?: 'left' | 'right';
  readonly cell: (row: Row) => string;
}

/** Lines of a table, a dim title first: two spaces between columns, nothing drawn, colours not counted. */
export function table<Row>(
  columns: readonly TableColumn<Row>[],
  rows: readonly Row[],
): [title: string, ...body: string[]] {
  const cells = columns.map(({ title, align, cell }) => pad([title, ...rows.map(cell)].map(oneLine), align));
  const line = (index: number): string =>
    cells
      .map((column) => column[index])
      .join('  ')
      .trimEnd();
  return [pc.dim(line(0)), ...rows.map((_, index) => line(index + 1))];
}

/** What a cell says, on one line: its width counts. */
const oneLine = (text: string): string =>
  plainParts(text).trimEnd().replaceAll('\n', '⏎').replaceAll('\t', ' ');

/** Texts of the same width. */
function pad(texts: readonly string[], align: 'left' | 'right' = 'left'): string[] {
  const widest = Math.max(...texts.map(width));
  return texts.map((text) => {
    const padding = ' '.repeat(widest - width(text));
    return align === 'right' ? padding + text : text + padding;
  });
}

const width = (text: string): number => [...stripVTControlCharacters(text)].length;
