import type { Table } from './table.ts';

/** What may stand in `${}` inside a `sql` template. Scalars become bound parameters, never text. */
export type SqlValue = string | number | bigint | boolean | null | Sql | Table<never>;

/** A query over tables, not yet run: text pieces and the values between them. */
export interface Sql {
  readonly type: 'sql';
  readonly strings: readonly string[];
  readonly values: readonly SqlValue[];
}

/**
 * A query over materialized tables, in DuckDB's dialect:
 * ``sql`SELECT id FROM ${users} WHERE city = ${city}` ``. A table reads its Parquet file.
 */
export function sql(strings: TemplateStringsArray, ...values: readonly (SqlValue | Table<object>)[]): Sql {
  return { type: 'sql', strings: [...strings], values: values as readonly SqlValue[] };
}

export const isSql = (value: unknown): value is Sql =>
  typeof value === 'object' && value !== null && (value as Partial<Sql>).type === 'sql';

/** A column name, quoted. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
