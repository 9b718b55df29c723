import type { AssetKey, DataVersion } from './key.ts';

/** What a column holds. `json` is any JSON value, kept as text inside the engine. */
export type ColumnType =
  | { readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'json' }
  | { readonly type: 'struct'; readonly fields: readonly Column[] }
  | { readonly type: 'list'; readonly items: ColumnType };

export type Column = { readonly name: string; readonly nullable: boolean } & ColumnType;

/** A value that SQL can compare. */
export type Scalar = string | number | boolean;

/** How one column is compared. A bare value means `eq`; `null` means "is null". */
export type ColumnFilter<T> =
  | Extract<T, Scalar | null>
  | {
      readonly eq?: Extract<T, Scalar>;
      readonly ne?: Extract<T, Scalar>;
      readonly gt?: Extract<T, Scalar>;
      readonly gte?: Extract<T, Scalar>;
      readonly lt?: Extract<T, Scalar>;
      readonly lte?: Extract<T, Scalar>;
      readonly in?: readonly Extract<T, Scalar>[];
    };

/** What part of a table to read. All of it is pushed down into the read of the file. */
export interface TableQuery<Row, Columns extends keyof Row = keyof Row> {
  /** Only these columns, in this order. All of them, in the order of the schema, when left out. */
  readonly columns?: readonly Columns[];
  /** Only rows for which every condition holds. */
  readonly where?: { readonly [C in keyof Row]?: ColumnFilter<Row[C]> };
  /** `'-name'` sorts descending; nulls come last both ways. Without it, rows come in the order of the file. */
  readonly orderBy?: readonly SortKey<Row>[];
  /** At most this many rows. */
  readonly limit?: number;
}

type ColumnName<Row> = Extract<keyof Row, string>;

/** A column to sort by; with a minus before it, descending. */
export type SortKey<Row> = ColumnName<Row> | `-${ColumnName<Row>}`;

/** A materialized table: a handle on a Parquet file. Nothing is read until a method asks. */
export interface Table<Row> {
  readonly type: 'table';
  readonly key: AssetKey;
  /** Absolute path of the Parquet file. Throws `PARTITION_NOT_ONE` where there are several. */
  readonly path: string;
  /** Absolute paths of the Parquet files: one, or one for each partition that is read. */
  readonly paths: readonly string[];
  readonly rowCount: number;
  readonly columns: readonly Column[];
  readonly dataVersion: DataVersion;
  /** The rows as plain objects, all in memory. Use `stream` or SQL when the table may grow. */
  rows<C extends keyof Row = keyof Row>(query?: TableQuery<Row, C>): Promise<Pick<Row, C>[]>;
  /** The rows one by one, a chunk at a time in memory. */
  stream<C extends keyof Row = keyof Row>(query?: TableQuery<Row, C>): AsyncIterable<Pick<Row, C>>;
}

/** A materialized file. */
export interface FileValue {
  readonly type: 'file';
  readonly key: AssetKey;
  /** Absolute path of a copy that only this step reads. It is gone when the step has ended. */
  readonly path: string;
  /** Path of the file itself from the workspace root, with forward slashes. */
  readonly workspacePath: string;
  readonly bytes: number;
  /** Rows that the file holds, where its maker said so with `metadata({ rows })`. */
  readonly rowCount: number | null;
  /** sha256 of the bytes, hex. */
  readonly dataVersion: DataVersion;
}

/**
 * A JSON array in a file on disk, as `materialize` of a table may return it: it goes into the table
 * without passing through memory as rows when it is large.
 */
export interface JsonDocument {
  readonly type: 'json-document';
  readonly path: string;
  /** Where it came from, named in errors. */
  readonly source: string;
  /** Field that must not repeat. */
  readonly uniqueBy?: string;
}
