import { type Column, type Context, identifier, sql, type Sql, type Table } from '@nx-assets/core';

/** Whatever its rows: they stay in the engine. */
type AnyTable = Table<object>;

/** Beyond these, DuckDB and JSON spell a double differently. */
const SMALLEST = 1e-4;
const LARGEST = Number.MAX_SAFE_INTEGER;

/** Whether the engine spells every value of a table as JSON does. It looks at the values, not only at types. */
export async function canCopy(table: AnyTable, { query }: Pick<Context, 'query'>): Promise<boolean> {
  if (table.columns.some(({ type }) => type === 'struct' || type === 'list' || type === 'json')) return false;
  const numbers = table.columns.filter(({ type }) => type === 'number').map(({ name }) => identifier(name));
  if (numbers.length === 0) return true;
  const odd = numbers.map(
    (field) => `${field} <> 0 AND NOT (abs(${field}) BETWEEN ${SMALLEST} AND ${LARGEST})`,
  );
  const [found] = await query<{ odd: number }>(
    over(`SELECT count(*) AS odd FROM (SELECT 1 FROM `, table, ` WHERE ${odd.join(' OR ')} LIMIT 1)`),
  );
  return found?.odd === 0;
}

/**
 * Writes a table through the engine: the same bytes as `stringifyCsv`, without a row in JavaScript.
 *
 * The query makes whole lines. DuckDB's own CSV writer takes somewhat longer, and quotes texts with `#`, which
 * no option of COPY stops.
 */
export async function copyCsv(
  table: AnyTable,
  { copy, file }: Pick<Context, 'copy' | 'file'>,
): Promise<void> {
  const fields = table.columns.map(spelled).join(', ');
  const header = table.columns.map(({ name }) => quoted(name)).join(',');
  const lines = over(`SELECT concat_ws(',', ${fields}) AS ${identifier(header)} FROM `, table, '');
  await copy(lines, file, { format: 'lines' });
}

const quoted = (text: string): string =>
  text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** The text of a field; never null, which `concat_ws` would leave out. */
function spelled({ name, type }: Column): string {
  const field = identifier(name);
  switch (type) {
    case 'string':
      return `CASE
        WHEN ${field} IS NULL THEN ''
        WHEN ${field} = '' THEN '""'
        WHEN contains(${field}, '"') THEN '"' || replace(${field}, '"', '""') || '"'
        WHEN contains(${field}, ',') OR contains(${field}, chr(10)) OR contains(${field}, chr(13))
        THEN '"' || ${field} || '"'
        ELSE ${field}
      END`;
    case 'number':
      // JSON writes whole numbers without a point.
      return `CASE
        WHEN ${field} IS NULL THEN ''
        WHEN ${field} = trunc(${field}) THEN CAST(CAST(${field} AS BIGINT) AS VARCHAR)
        ELSE CAST(${field} AS VARCHAR)
      END`;
    default:
      return `coalesce(CAST(${field} AS VARCHAR), '')`;
  }
}

/** A query whose text is made from column names. */
const over = (before: string, table: AnyTable, after: string): Sql => {
  const strings = Object.assign([before, after], { raw: [before, after] });
  return sql(strings, table);
};
