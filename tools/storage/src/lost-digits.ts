import { AssetError, type ColumnType, identifier } from '@nx-assets/core';
import { type Connection, literal } from './duckdb.ts';
import type { Scalar } from './scalar.ts';
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
  if (column.type === 'json') return lossInJson(found, value, depth);
  if (found.kind === 'list' && column.type === 'list') {
    return inItems(value, depth, (item) => lossOf(found.items, column.items, item, depth + 1));
  }
  if (found.kind === 'struct' && column.type === 'struct') {
    return either(
      found.fields.map(({ name, type }) => {
        const field = column.fields.find((one) => one.name === name);
        return field && lossOf(type, field, `struct_extract(${value}, ${literal(name)})`, depth);
      }),
    );
  }
  return column.type === 'integer' || column.type === 'number' ? lossOfNumber(found, value) : undefined;
}

/** A decimal becomes JSON by way of a double; of whole numbers JSON has every digit, and they are checked there. */
function lossInJson(found: EngineType, value: string, depth: number): string | undefined {
  const inField =
    (extract: 'struct_extract' | 'union_extract') => (field: { name: string; type: EngineType }) =>
      lossInJson(field.type, `${extract}(${value}, ${literal(field.name)})`, depth);
  switch (found.kind) {
    case 'list':
      return inItems(value, depth, (item) => lossInJson(found.items, item, depth + 1));
    case 'map':
      return inItems(`map_values(${value})`, depth, (item) => lossInJson(found.values, item, depth + 1));
    case 'struct':
      return either(found.fields.map(inField('struct_extract')));
    case 'union':
      return either(found.members.map(inField('union_extract')));
    case 'scalar':
      return /^DECIMAL\(\d+,[1-9]/.test(found.text) ? lossOfNumber(found, value) : undefined;
  }
}

function inItems(
  list: string,
  depth: number,
  lossOfItem: (item: string) => string | undefined,
): string | undefined {
  const item = `item${depth}`;
  const loss = lossOfItem(item);
  return loss && `len(list_filter(${list}, lambda ${item}: ${loss})) > 0`;
}

function either(parts: readonly (string | undefined)[]): string | undefined {
  const losses = parts.filter((loss) => loss !== undefined);
  return losses.length > 0 ? `(${losses.join(' OR ')})` : undefined;
}

function lossOfNumber(found: EngineType, value: string): string | undefined {
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
