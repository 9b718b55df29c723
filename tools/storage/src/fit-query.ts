import { AssetError, type Column, type ColumnType, identifier } from '@nx-assets/core';
import { describeColumn, duckdbType } from './columns.ts';
import { type Connection, literal } from './duckdb.ts';
import type { Scalar } from './scalar.ts';
import { type EngineType, readEngineType } from './engine-type.ts';
import { type Loss, lossOf, LOST_DIGITS } from './lost-digits.ts';

const FITS: Readonly<Partial<Record<ColumnType['type'], RegExp>>> = {
  string: /^(VARCHAR|UUID|ENUM\([\s\S]*\))$/,
  integer: /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DECIMAL\(\d+,0\))$/,
  number: /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DECIMAL\(\d+,\d+\)|FLOAT|DOUBLE)$/,
  boolean: /^BOOLEAN$/,
};

/** A query as the columns of its asset: what to select from it, and how to tell rows that would lose digits. */
export interface FittedQuery {
  readonly select: string;
  readonly losses: readonly Loss[];
}

/**
 * A SELECT that gives exactly the columns of the schema, in their order and types, from a query.
 * Throws `SCHEMA_MISMATCH` when a column, or a part of one, is missing, unknown or of another type.
 */
export async function fitToSchema(
  relation: string,
  values: readonly Scalar[],
  columns: readonly Column[],
  connection: Connection,
): Promise<FittedQuery> {
  const rows = await connection.rows(`DESCRIBE SELECT * FROM ${relation}`, values);
  const found = rows.map((row) => described([row.column_name, row.column_type]));
  const problems = misfitsOfFields(found, columns, '');
  // DESCRIBE takes a null, or an empty list, that is written out for one of integers.
  if (problems.length > 0 && !(await fitsBesideNulls(relation, values, columns, connection))) {
    throw new AssetError(
      'SCHEMA_MISMATCH',
      `The columns of the query do not match the schema: ${problems.join('; ')}.`,
    );
  }
  const losses = new Map(
    columns.flatMap((column) => {
      const type = found.find(({ name }) => name === column.name)?.type;
      const condition = type && lossOf(type, column, identifier(column.name));
      return condition === undefined ? [] : [[column.name, condition]];
    }),
  );
  const select = columns.map(({ name, ...type }) => {
    const loss = losses.get(name);
    const value = loss
      ? `CASE WHEN ${loss} THEN error(${literal(LOST_DIGITS)}) ELSE ${identifier(name)} END`
      : identifier(name);
    return `CAST(${value} AS ${duckdbType(type)}) AS ${identifier(name)}`;
  });
  return {
    select: `SELECT ${select.join(', ')} FROM ${relation}`,
    losses: [...losses].map(([column, condition]) => ({ column, condition })),
  };
}

interface Described {
  readonly name: string;
  readonly type: EngineType;
}

const described = ([name, type]: readonly [unknown, unknown]): Described => ({
  name: String(name),
  type: readEngineType(String(type)),
});

/** Whether it fits once it is known which types are none; without a look at the rows. */
async function fitsBesideNulls(
  relation: string,
  values: readonly Scalar[],
  columns: readonly Column[],
  connection: Connection,
): Promise<boolean> {
  const types = `SELECT typeof(COLUMNS(query.*)) FROM (SELECT 1) LEFT JOIN ${relation} AS query ON FALSE`;
  const row = await connection.row(types, values).catch(() => null);
  return row !== null && misfitsOfFields(Object.entries(row).map(described), columns, '').length === 0;
}

function misfitsOfFields(found: readonly Described[], expected: readonly Column[], parent: string): string[] {
  const types = new Map(found.map(({ name, type }) => [name, type]));
  const names = new Set(expected.map(({ name }) => name));
  const misfits = expected.flatMap((column) => {
    const type = types.get(column.name);
    const path = `${parent}${column.name}`;
    return type === undefined ? [`"${path}" is missing`] : misfitsOf(type, column, path);
  });
  const unknown = found.filter(({ name }) => !names.has(name));
  return [...misfits, ...unknown.map(({ name }) => `"${parent}${name}" is not in the schema`)];
}

function misfitsOf(found: EngineType, column: ColumnType, path: string): string[] {
  if (found.text === '"NULL"') return [];
  if (column.type === 'struct' && found.kind === 'struct') {
    return misfitsOfFields(found.fields, column.fields, `${path}.`);
  }
  if (column.type === 'list' && found.kind === 'list') {
    return misfitsOf(found.items, column.items, `${path}[]`);
  }
  if (column.type === 'json') {
    // A text could be JSON or be meant as it is: "007" would become a number, and "null" nothing.
    return found.text === 'VARCHAR'
      ? [`"${path}" is VARCHAR, not json (write to_json(…) or CAST(… AS JSON), whichever you mean)`]
      : [];
  }
  return FITS[column.type]?.test(found.text)
    ? []
    : [`"${path}" is ${found.text}, not ${describeColumn(column)}`];
}
