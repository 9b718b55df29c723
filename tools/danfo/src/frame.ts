import type { Table, TableQuery } from '@nx-assets/core';
import type { DataFrame } from 'danfojs-node';
import { correctGroupKeys } from './group-keys.ts';

declare const row: unique symbol;

/** A danfo DataFrame that remembers the type of its rows. */
export type Frame<Row> = DataFrame & { readonly [row]?: Row };

/**
 * A danfo frame over part of a table, or over rows. What the query leaves out is not read. Use it where the
 * result is small: a frame holds every row in memory, and several of its operations are quadratic.
 */
export async function frame<Row extends object, C extends keyof Row = keyof Row>(
  source: Table<Row> | readonly Row[],
  query?: TableQuery<Row, C>,
): Promise<Frame<Pick<Row, C>>> {
  // Half a second of start-up: only for the assets that use it.
  const { DataFrame } = await import('danfojs-node');
  correctGroupKeys(DataFrame);
  const isTable = !Array.isArray(source);
  const rows = isTable ? await (source as Table<Row>).rows(query) : (source as readonly Pick<Row, C>[]);
  const columns = isTable
    ? (query?.columns?.map(String) ?? (source as Table<Row>).columns.map(({ name }) => name))
    : Object.keys(rows[0] ?? {});
  // danfo reads rows by position after the first one: give it positions.
  const values = rows.map((value) => columns.map((name) => (value as Record<string, unknown>)[name] ?? null));
  return new DataFrame(values, { columns }) as Frame<Pick<Row, C>>;
}

/** The rows of a frame as plain objects, with the very values that it holds. */
export function rowsOf<Row>(source: Frame<Row>): Row[] {
  const columns = source.columns;
  return (source.values as unknown[][]).map(
    (values) => Object.fromEntries(columns.map((name, index) => [name, values[index] ?? null])) as Row,
  );
}
