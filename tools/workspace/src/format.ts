import { stripVTControlCharacters } from 'node:util';

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

export interface TableColumn {
  readonly title: string;
  readonly align?: 'right';
}

/** Lines of a table: two spaces between columns, nothing drawn, colours not counted. */
export function table(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string[] {
  const all = [columns.map((column) => column.title), ...rows];
  const widths = columns.map((_, index) => Math.max(...all.map((row) => width(row[index] ?? ''))));
  return all.map((row) =>
    row
      .map((cell, index) => {
        const padding = ' '.repeat((widths[index] ?? 0) - width(cell));
        return columns[index]?.align === 'right' ? padding + cell : cell + padding;
      })
      .join('  ')
      .trimEnd(),
  );
}

const width = (text: string): number => [...stripVTControlCharacters(text)].length;
