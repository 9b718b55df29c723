import {
  AssetError,
  type AssetKey,
  type Column,
  type DataVersion,
  type Table,
  type TableQuery,
} from '@nx-assets/core';
import { type Connection, readTable } from './duckdb.ts';
import { renderQuery } from './query.ts';

type Row = Record<string, unknown>;

/** A table on disk: reads what a query asks for, when it asks. */
export class ParquetTable implements Table<Row> {
  readonly type = 'table';
  readonly key: AssetKey;
  readonly paths: readonly string[];
  readonly rowCount: number;
  readonly columns: readonly Column[];
  readonly dataVersion: DataVersion;
  readonly #connection: Connection;

  constructor(
    facts: Pick<Table<Row>, 'key' | 'paths' | 'rowCount' | 'columns' | 'dataVersion'>,
    connection: Connection,
  ) {
    this.key = facts.key;
    this.paths = facts.paths;
    this.rowCount = facts.rowCount;
    this.columns = facts.columns;
    this.dataVersion = facts.dataVersion;
    this.#connection = connection;
  }

  get path(): string {
    const [only] = this.paths;
    if (only !== undefined && this.paths.length === 1) return only;
    throw new AssetError('PARTITION_NOT_ONE', `${this.key} is ${this.paths.length} files.`, {
      remedy: 'Read it by rows, by stream or in SQL; or read each of `paths`.',
    });
  }

  async rows<C extends string>(query: TableQuery<Row, C> = {}): Promise<Pick<Row, C>[]> {
    const { text, values } = renderQuery(readTable(this), this.columns, query);
    return (await this.#connection.rows(text, values)) as Pick<Row, C>[];
  }

  async *stream<C extends string>(query: TableQuery<Row, C> = {}): AsyncGenerator<Pick<Row, C>> {
    const { text, values } = renderQuery(readTable(this), this.columns, query);
    yield* this.#connection.stream(text, values) as AsyncGenerator<Pick<Row, C>>;
  }
}
