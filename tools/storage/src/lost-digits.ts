import { AssetError, type ColumnType, identifier } from '@nx-assets/core';
import { type Connection, literal, type Scalar } from './duckdb.ts';
import type { EngineType } from './engine-type.ts';

/** What the engine says when it comes upon a number that a column would round. */
export const LOST_DIGITS = 'NX_ASSETS_LOST_DIGITS';

/** Its text holds the query, and so the words: only the engine says them in this way. */
export const isLoss = ({ facts }: AssetError): boolean =>
  facts.startsWith(`Invalid Input Error: ${LOST_DIGITS}`);

const SHOWN = 20;
const MAX = Number.MAX_SAFE_INTEGER;
/** Every decimal of fifteen digits has a double of its own. */
const SAFE_DIGITS = 15;
/** The greatest power of ten that is a double: the engine divides by it, which is exact up to here. */
const EXACT_SCALE = 22;

export interface Loss {
  readonly column: string;
  /** Holds for rows that lose digits. */
  readonly condition: string;
}

/** When a value would lose digits on its way into a column, in SQL; nothing where it never can. */
export function lossOf(found: EngineType, column: ColumnType, value: string, depth = 0): string | undefined {
  if (found.kind === 'list' && column.type === 'list') {
    const item = `item${depth}`;
    const loss = lossOf(found.items, column.items, item, depth + 1);
    return loss && `len(list_filter(${value}, lambda ${item}: ${loss})) > 0`;
  }
  if (found.kind === 'struct' && column.type === 'struct') {
    const losses = found.fields.flatMap(({ name, type }) => {
      const field = column.fields.find((one) => one.name === name);
      const loss = field && lossOf(type, field, `struct_extract(${value}, ${literal(name)})`, depth);
      return loss === undefined ? [] : [loss];
    });
    return losses.length > 0 ? `(${losses.join(' OR ')})` : undefined;
  }
  if (column.type !== 'integer' && column.type !== 'number') return undefined;
  const [, digits, scale] = /^DECIMAL\((\d+),(\d+)\)$/.exec(found.text) ?? [];
  if (/^(U?BIGINT|U?HUGEINT)$/.test(found.text) || (scale === '0' && Number(digits) > SAFE_DIGITS)) {
    return `${value} NOT BETWEEN -${MAX} AND ${MAX}`;
  }
  if (Number(digits) <= SAFE_DIGITS || digits === undefined) return undefined;
  // Read back from its text, which is what JavaScript shows: the cast from DOUBLE itself rounds in doubles.
  const lost = `TRY_CAST(CAST(CAST(${value} AS DOUBLE) AS VARCHAR) AS ${found.text}) IS DISTINCT FROM ${value}`;
  const safe = safeRange(Number(scale));
  return safe === undefined ? lost : `(${value} NOT BETWEEN -${safe} AND ${safe} AND ${lost})`;
}

/** The greatest decimal with fifteen digits, for a scale above 0: a text costs hundreds of times what a comparison does. */
function safeRange(scale: number): string | undefined {
  if (scale > EXACT_SCALE) return undefined;
  const digits = '9'.repeat(SAFE_DIGITS).padStart(scale + 1, '0');
  return `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** Says how many rows of a query would lose digits, and shows the first. */
export async function describeLoss(
  relation: string,
  values: readonly Scalar[],
  losses: readonly Loss[],
  source: string,
  connection: Connection,
): Promise<AssetError> {
  const any = losses.map(({ condition }) => `coalesce(${condition}, FALSE)`).join(' OR ');
  const first = losses.map(
    ({ column, condition }) =>
      `WHEN ${condition} THEN ${literal(`${column}: `)} || CAST(${identifier(column)} AS VARCHAR)`,
  );
  const rows = await connection.rows(
    `SELECT count(*) OVER () AS nx_total, nx_row, CASE ${first.join(' ')} END AS nx_shown
     FROM (SELECT row_number() OVER () AS nx_row, ${losses.map(({ column }) => identifier(column)).join(', ')}
           FROM ${relation})
     WHERE ${any} ORDER BY nx_row LIMIT ${SHOWN}`,
    values,
  );
  const shown = rows.map(({ nx_row, nx_shown }) => `  row ${String(nx_row)}, ${String(nx_shown)}`);
  const total = Number(rows[0]?.nx_total ?? 0);
  const rest = total > rows.length ? `\n  … shown are the first ${rows.length}.` : '';
  return new AssetError(
    'NUMBER_UNSAFE',
    `${total} of the rows from ${source} have numbers that would lose digits in JavaScript:\n${shown.join('\n')}${rest}\n`,
  );
}
