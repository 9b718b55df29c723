import type { TextTable } from './table-text.ts';

/** How two tables differ, rows told apart by their keys. */
export interface TableDiff {
  readonly columnsAdded: readonly string[];
  readonly columnsGone: readonly string[];
  readonly added: readonly RowText[];
  readonly gone: readonly RowText[];
  readonly changed: readonly RowChange[];
  /** The rows are the same and stand in another order, or columns do. */
  readonly isReordered: boolean;
}

/** A row by its key, `user_id 3`, and all of its cells. */
interface RowText {
  readonly key: string;
  readonly cells: Readonly<Record<string, string>>;
}

interface RowChange {
  readonly key: string;
  readonly cells: readonly { readonly column: string; readonly was: string; readonly now: string }[];
}

/** Compares tables of texts. Without a key, a row is what all of its cells say. */
export function diffTables(was: TextTable, now: TextTable, key: readonly string[]): TableDiff {
  const shared = now.columns.filter((column) => was.columns.includes(column));
  const keys = key.length > 0 ? key : shared;
  const before = byKey(was, keys);
  const after = byKey(now, keys);
  const changed = [...after].flatMap(([id, row]) => {
    const old = before.get(id);
    if (!old) return [];
    const cells = shared
      .filter((column) => old.cells[column] !== row.cells[column])
      .map((column) => ({ column, was: old.cells[column] ?? '', now: row.cells[column] ?? '' }));
    return cells.length > 0 ? [{ key: row.key, cells }] : [];
  });
  const added = [...after].filter(([id]) => !before.has(id)).map(([, row]) => row);
  const gone = [...before].filter(([id]) => !after.has(id)).map(([, row]) => row);
  const columnsAdded = now.columns.filter((column) => !was.columns.includes(column));
  const columnsGone = was.columns.filter((column) => !now.columns.includes(column));
  const isSame = [added, gone, changed, columnsAdded, columnsGone].every(({ length }) => length === 0);
  const isReordered = isSame && JSON.stringify(was) !== JSON.stringify(now);
  return { columnsAdded, columnsGone, added, gone, changed, isReordered };
}

/** Rows by their keys; of those with one key each is another. */
function byKey({ columns, rows }: TextTable, keys: readonly string[]): Map<string, RowText> {
  const found = new Map<string, RowText>();
  const counts = new Map<string, number>();
  for (const row of rows) {
    const cells = Object.fromEntries(columns.map((column, index) => [column, row[index] ?? '']));
    const id = JSON.stringify(keys.map((column) => cells[column]));
    const count = (counts.get(id) ?? 0) + 1;
    counts.set(id, count);
    const name = keys.map((column) => `${column} ${short(cells[column] ?? '')}`).join(', ');
    found.set(`${id} ${count}`, { key: count > 1 ? `${name} (${count})` : name, cells });
  }
  return found;
}

/** How many rows of each kind are shown. */
const SHOWN = 20;

/** The difference in words: totals, columns, and the first rows of each kind; `null` where there is none. */
export function describeDiff(diff: TableDiff): string | null {
  const { columnsAdded, columnsGone, added, gone, changed, isReordered } = diff;
  if (isReordered) return 'The same rows, in another order.';
  const totals = [
    [columnsAdded, 'column', 'added'],
    [columnsGone, 'column', 'gone'],
    [added, 'row', 'added'],
    [gone, 'row', 'gone'],
    [changed, 'row', 'changed'],
  ] as const;
  const parts = totals
    .filter(([list]) => list.length > 0)
    .map(([list, what, how]) => `${list.length} ${what}${list.length === 1 ? '' : 's'} ${how}`);
  if (parts.length === 0) return null;
  return [
    `${parts.join(', ')}:`,
    ...columnsAdded.map((column) => `  + column ${column}`),
    ...columnsGone.map((column) => `  - column ${column}`),
    ...first(changed, (row) => `  ~ ${row.key}: ${row.cells.map(describeCell).join(', ')}`),
    ...first(added, (row) => `  + ${describeRow(row)}`),
    ...first(gone, (row) => `  - ${describeRow(row)}`),
  ].join('\n');
}

function first<T>(list: readonly T[], describe: (item: T) => string): string[] {
  const rest = list.length > SHOWN ? [`    … and ${list.length - SHOWN} more`] : [];
  return [...list.slice(0, SHOWN).map(describe), ...rest];
}

const describeCell = ({ column, was, now }: RowChange['cells'][number]): string =>
  `${column} ${short(was)} → ${short(now)}`;

const describeRow = ({ cells }: RowText): string =>
  Object.entries(cells)
    .map(([column, text]) => `${column} ${short(text)}`)
    .join(', ');

/** Longest cell that is shown whole. */
const CELL = 60;

function short(text: string): string {
  const line = text === '' ? '""' : text.replaceAll('\n', '⏎');
  return line.length > CELL ? `${line.slice(0, CELL - 1)}…` : line;
}
