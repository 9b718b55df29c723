import { AssetError, type Column, identifier } from '@nx-assets/core';
import type { z } from 'zod';
import { describeColumn, duckdbType, jsonSchemaOf, type JsonSchema, withoutNull } from './columns.ts';
import { type Connection, literal, readParquet } from './duckdb.ts';
import { RowProblems } from './rows-error.ts';

/** Up to this many rows every one goes through zod; larger tables are checked inside the engine. */
const FULL_CHECK_ROWS = 10_000;

const FITS: Readonly<Record<string, RegExp>> = {
  string: /^(VARCHAR|UUID|ENUM\(.*\))$/,
  integer: /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DECIMAL\(\d+,0\))$/,
  number: /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DECIMAL\(\d+,\d+\)|FLOAT|DOUBLE)$/,
  boolean: /^BOOLEAN$/,
  struct: /^STRUCT\(.*\)$/,
  list: /\[\d*\]$/,
  json: /./,
};

/**
 * A SELECT that gives exactly the columns of the schema, in their order and types, from a query.
 * Throws `SCHEMA_MISMATCH` when a column is missing, unknown or of another type.
 */
export async function fitToSchema(
  relation: string,
  values: readonly (string | number | bigint | boolean | null)[],
  columns: readonly Column[],
  connection: Connection,
): Promise<string> {
  const found = new Map(
    (await connection.rows(`DESCRIBE SELECT * FROM ${relation}`, values)).map((row) => [
      String(row.column_name),
      String(row.column_type),
    ]),
  );
  const problems: string[] = [];
  for (const column of columns) {
    const type = found.get(column.name);
    if (type === undefined) problems.push(`"${column.name}" is missing`);
    else if (type !== '"NULL"' && !FITS[column.type]?.test(type)) {
      problems.push(`"${column.name}" is ${type}, not ${describeColumn(column)}`);
    }
  }
  const expected = new Set(columns.map((column) => column.name));
  for (const name of found.keys()) if (!expected.has(name)) problems.push(`"${name}" is not in the schema`);
  if (problems.length > 0) {
    throw new AssetError(
      'SCHEMA_MISMATCH',
      `The columns of the query do not match the schema: ${problems.join('; ')}.`,
    );
  }
  const select = columns.map(
    ({ name, ...type }) => `CAST(${identifier(name)} AS ${duckdbType(type)}) AS ${identifier(name)}`,
  );
  return `SELECT ${select.join(', ')} FROM ${relation}`;
}

/** Throws `ROWS_INVALID` when rows of a written table do not fit its schema. */
export async function checkTable(
  path: string,
  schema: z.ZodObject,
  rowCount: number,
  source: string,
  connection: Connection,
): Promise<void> {
  const problems = new RowProblems();
  let row = 0;
  if (rowCount <= FULL_CHECK_ROWS) {
    for await (const value of connection.stream(`SELECT * FROM ${readParquet(path)}`)) {
      row++;
      const parsed = schema.safeParse(value);
      if (!parsed.success) problems.add(row, parsed.error.issues);
    }
    if (problems.count > 0) throw problems.toError(source, rowCount);
    return;
  }
  const rules = rulesOf(jsonSchemaOf(schema), '', await columnsWithNulls(path, connection));
  if (rules.length === 0) return;
  const { wrong } = await connection.row(
    `SELECT count(*) FILTER (WHERE ${rules.join(' OR ')}) AS wrong FROM ${readParquet(path)}`,
  );
  if (wrong === 0) return;
  const sample = `SELECT file_row_number + 1 AS "row number", * EXCLUDE (file_row_number)
    FROM read_parquet(${literal(path)}, file_row_number = true) WHERE ${rules.join(' OR ')} LIMIT 20`;
  for (const { 'row number': number, ...value } of await connection.rows(sample)) {
    const parsed = schema.safeParse(value);
    problems.add(Number(number), parsed.error?.issues ?? []);
  }
  throw problems.toError(source, rowCount, Number(wrong));
}

/** Top-level columns that hold a null, from the file's footer: reading long texts only to find none is slow. */
async function columnsWithNulls(path: string, connection: Connection): Promise<ReadonlySet<unknown>> {
  const rows = await connection.rows(
    `SELECT path_in_schema AS name FROM parquet_metadata(${literal(path)})
     GROUP BY path_in_schema HAVING count(stats_null_count) < count(*) OR sum(stats_null_count) > 0`,
  );
  return new Set(rows.map(({ name }) => name));
}

/** Conditions under which a row breaks the schema, as far as the engine can say. */
function rulesOf(schema: JsonSchema, parent: string, withNulls: ReadonlySet<unknown>): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, given]) => {
    const field = parent === '' ? identifier(name) : `${parent}.${identifier(name)}`;
    const { schema: type, nullable } = withoutNull(given);
    const isScalar = type.type !== 'object' && type.type !== 'array';
    const mayBeNull = parent !== '' || !isScalar || withNulls.has(name);
    const required = mayBeNull && !nullable && (schema.required ?? []).includes(name);
    const present = parent === '' ? '' : `${parent} IS NOT NULL AND `;
    return [
      ...(required && Object.keys(type).length > 0 ? [`(${present}${field} IS NULL)`] : []),
      // Not a number, or infinite: JSON has no word for it.
      ...(type.type === 'number' ? [`(NOT isfinite(${field}))`] : []),
      ...boundsOf(type, field),
      ...(type.type === 'object' ? rulesOf(type, field, withNulls) : []),
    ];
  });
}

function boundsOf(schema: JsonSchema, field: string): string[] {
  const bounds = [
    ['<', schema.minimum],
    ['>', schema.maximum],
    ['<=', schema.exclusiveMinimum],
    ['>=', schema.exclusiveMaximum],
  ] as const;
  const rules = bounds.flatMap(([operator, bound]) =>
    bound === undefined ? [] : [`${field} ${operator} ${bound}`],
  );
  if (schema.enum?.every((value) => typeof value === 'string')) {
    rules.push(`${field} NOT IN (${schema.enum.map((value) => literal(String(value))).join(', ')})`);
  }
  return rules.map((rule) => `(${rule})`);
}
