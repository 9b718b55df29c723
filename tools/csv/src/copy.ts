import { type Column, type Context, identifier, sql, type Sql, type Table } from '@nx-assets/core';

type AnyTable = Table<Record<string, unknown>>;

/** Beyond these, DuckDB and JSON spell a double differently. */
const SMALLEST = 1e-4;
const LARGEST = Number.MAX_SAFE_INTEGER;

/** Whether the engine writes every value of a table as csv-stringify does. It looks at the values, not only at types. */
export async function canCopy(table: AnyTable, { query }: Pick<Context, 'query'>): Promise<boolean> {
  if (table.columns.some(({ type }) => type === 'struct' || type === 'list' || type === 'json')) return false;
  if (table.columns.some(({ name }) => name.includes('#'))) return false;
  const odd = table.columns.flatMap(oddity);
  if (odd.length === 0) return true;
  const [found] = await query<{ odd: number }>(
    over(`SELECT count(*) AS odd FROM (SELECT 1 FROM `, table, ` WHERE ${odd.join(' OR ')} LIMIT 1)`),
  );
  return found?.odd === 0;
}

/** When a value of a column is written differently. */
function oddity({ name, type }: Column): string[] {
  const field = identifier(name);
  // DuckDB takes it for the start of a comment and quotes, and no option of COPY stops it.
  if (type === 'string') return [`contains(${field}, '#')`];
  if (type === 'number')
    return [`(${field} <> 0 AND NOT (abs(${field}) BETWEEN ${SMALLEST} AND ${LARGEST}))`];
  return [];
}

/** Writes a table through the engine: the same bytes as `stringifyCsv`, without a row in JavaScript. */
export async function copyCsv(
  table: AnyTable,
  { copy, file }: Pick<Context, 'copy' | 'file'>,
): Promise<void> {
  const select = table.columns.map((column) => `${spelled(column)} AS ${identifier(column.name)}`);
  await copy(over(`SELECT ${select.join(', ')} FROM `, table, ''), file, { format: 'csv' });
}

/** JSON writes whole numbers without a point. */
function spelled({ name, type }: Column): string {
  const field = identifier(name);
  if (type !== 'number') return field;
  return `CASE WHEN ${field} = trunc(${field}) THEN CAST(CAST(${field} AS BIGINT) AS VARCHAR) ELSE CAST(${field} AS VARCHAR) END`;
}

/** A query whose text is made from column names. */
const over = (before: string, table: AnyTable, after: string): Sql => {
  const strings = Object.assign([before, after], { raw: [before, after] });
  return sql(strings, table);
};
