import type { Column, Json } from '@nx-assets/core';
import { type Connection, literal, type SqlRow } from './duckdb.ts';

/** What a Parquet file says of one column. `min` and `max` are text, as the file keeps them. */
export interface ColumnStatistics {
  readonly nulls: number | null;
  readonly min: string | null;
  readonly max: string | null;
}

const PREVIEW_ROWS = 5;
const PREVIEW_TEXT = 200;

/** Statistics per column from the file's footer: no row is read. Nested columns are left out. */
export async function statisticsOf(
  path: string,
  columns: readonly Column[],
  withBounds: boolean,
  connection: Connection,
): Promise<Record<string, ColumnStatistics>> {
  const rows = await connection.rows(
    `SELECT path_in_schema AS name, sum(stats_null_count) AS nulls, any_value(type) AS type,
       min(CASE WHEN type IN ('INT32', 'INT64', 'DOUBLE') THEN TRY_CAST(stats_min AS DOUBLE) END) AS low,
       max(CASE WHEN type IN ('INT32', 'INT64', 'DOUBLE') THEN TRY_CAST(stats_max AS DOUBLE) END) AS high,
       min(stats_min) AS first, max(stats_max) AS last
     FROM parquet_metadata(${literal(path)}) GROUP BY path_in_schema`,
  );
  const byName = new Map(rows.map((row) => [row.name, row]));
  return Object.fromEntries(
    columns
      .filter((column) => column.type !== 'struct' && column.type !== 'list')
      .map((column) => [column.name, statistics(byName.get(column.name), withBounds)]),
  );
}

function statistics(row: SqlRow | undefined, withBounds: boolean): ColumnStatistics {
  const bound = (number: Json | undefined, text: Json | undefined): string | null =>
    withBounds ? (shorten(number ?? text ?? null) as string | null) : null;
  return {
    nulls: typeof row?.nulls === 'number' ? row.nulls : null,
    min: bound(row?.low, row?.first),
    max: bound(row?.high, row?.last),
  };
}

const shorten = (value: Json): string | null =>
  value === null ? null : String(value).slice(0, PREVIEW_TEXT);

/** The first rows, with long texts cut, for the record. */
export async function previewOf(relation: string, connection: Connection): Promise<Json[]> {
  const rows = await connection.rows(`SELECT * FROM ${relation} LIMIT ${PREVIEW_ROWS}`);
  return rows.map((row) => cut(row));
}

/** A JSON value with long texts and lists cut. */
export function cut(value: Json): Json {
  if (typeof value === 'string') {
    return value.length > PREVIEW_TEXT ? `${value.slice(0, PREVIEW_TEXT)}…` : value;
  }
  if (Array.isArray(value)) return (value as readonly Json[]).slice(0, 20).map(cut);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, cut(field as Json)]));
  }
  return value;
}
