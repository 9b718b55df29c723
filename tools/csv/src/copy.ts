import { type Column, type Context, identifier, sql, type Sql, type Table } from '@nx-assets/core';

type AnyTable = Table<Record<string, unknown>>;

/** Beyond these, DuckDB and JSON spell a double differently. */
const SMALLEST = 1e-4;
const LARGEST = Number.MAX_SAFE_INTEGER;

/** Whether the engine spells every value of a table as JSON does. */
export async function canCopy(table: AnyTable, { query }: Pick<Context, 'query'>): Promise<boolean> {
  if (table.columns.some(({ type }) => type === 'struct' || type === 'list' || type === 'json')) return false;
  const numbers = table.columns.filter(({ type }) => type === 'number').map(({ name }) => identifier(name));
  if (numbers.length === 0) return true;
  const odd = numbers.map((name) => `(${name} <> 0 AND (abs(${name}) < ${SMALLEST} OR abs(${name}) > ${LARGEST}))`);
  const [counts] = await query<{ odd: number }>(
    over(`SELECT count(*) FILTER (WHERE ${odd.join(' OR ')}) AS odd FROM `, table, ''),
  );
  return counts?.odd === 0;
}

/** Writes a table through the engine: the same bytes as `stringifyCsv`, without a row in JavaScript. */
export async function copyCsv(table: AnyTable, { copy, file }: Pick<Context, 'copy' | 'file'>): Promise<void> {
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
