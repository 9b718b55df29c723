import type { AssetKey, Column, DataVersion, Table, TableQuery } from '@nx-assets/core';
import { type Connection, readParquet } from './duckdb.ts';
import { renderQuery } from './query.ts';

type Row = Record<string, unknown>;

/** A table on disk: reads what a query asks for, when it asks. */
export class ParquetTable implements Table<Row> {
  readonly type = 'table';
  readonly key: AssetKey;
  readonly path: string;
  readonly rowCount: number;
  readonly columns: readonly Column[];
  readonly dataVersion: DataVersion;
  readonly #connection: Connection;

  constructor(
    facts: Pick<Table<Row>, 'key' | 'path' | 'rowCount' | 'columns' | 'dataVersion'>,
    connection: Connection,
  ) {
    this.key = facts.key;
    this.path = facts.path;
    this.rowCount = facts.rowCount;
    this.columns = facts.columns;
    this.dataVersion = facts.dataVersion;
    this.#connection = connection;
  }

  async rows<C extends string>(query: TableQuery<Row, C> = {}): Promise<Pick<Row, C>[]> {
    const { text, values } = renderQuery(readParquet(this.path), this.columns, query);
    return (await this.#connection.rows(text, values)) as Pick<Row, C>[];
  }

  async *stream<C extends string>(query: TableQuery<Row, C> = {}): AsyncGenerator<Pick<Row, C>> {
    const { text, values } = renderQuery(readParquet(this.path), this.columns, query);
    yield* this.#connection.stream(text, values) as AsyncGenerator<Pick<Row, C>>;
  }
}
