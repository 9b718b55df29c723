import { AssetError, type Sql } from '@nx-assets/core';
import { z } from 'zod';

/** What a database is asked in a step. */
export interface SqlClient {
  /** Rows that a query gives, each checked. Throws `SQL_FAILED`, or `ROWS_INVALID` for one that does not fit. */
  rows<S extends z.ZodObject>(schema: S, query: Sql): Promise<z.output<S>[]>;
  /** Runs a statement; gives how many rows it wrote. */
  run(statement: Sql): Promise<number>;
}

export type Scalar = string | number | bigint | boolean | null;

/** A query as text and its parameters. A part in it stands as it is; a table has no place in a database. */
export function render(query: Sql, place: (index: number) => string): { text: string; values: Scalar[] } {
  const values: Scalar[] = [];
  const write = ({ strings, values: given }: Sql): string =>
    strings.reduce((text, piece, index) => {
      const value = given[index - 1];
      if (typeof value !== 'object' || value === null) {
        values.push(value as Scalar);
        return `${text}${place(values.length)}${piece}`;
      }
      if (value.type === 'sql') return `${text}${write(value)}${piece}`;
      throw new AssetError('SQL_FAILED', 'A database cannot read a table of an asset.', {
        remedy: 'Read its rows, and give those as values; or use a DuckDB query.',
      });
    });
  return { text: write(query), values };
}

export function checkRows<S extends z.ZodObject>(schema: S, rows: readonly unknown[]): z.output<S>[] {
  const parsed = z.array(schema).safeParse(rows);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const [row, ...path] = issue?.path ?? [];
  throw new AssetError(
    'ROWS_INVALID',
    `Row ${String(row)}: ${path.map(String).join('.')}: ${issue?.message}.`,
  );
}

/** What a database says of a statement, with its text and without its values. */
export async function withSqlErrors<T>(
  text: string,
  signal: AbortSignal,
  run: () => T | Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  try {
    return await run();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof AssetError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_OUT_OF_RANGE') throw new AssetError('NUMBER_UNSAFE', `${message}.`, { cause: error });
    throw new AssetError('SQL_FAILED', `${message}\n${text.trim()}\n`, { cause: error });
  }
}
